/**
 * What a quantised file is made of.
 *
 * @module
 */

import { wholeBlocks } from "../../core/convert_rows.ts";
import { decodeToF32 } from "../../core/decode_stored.ts";
import { RookeryError } from "../../core/errors.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "../../core/stored_tensor.ts";
import type { MatchedWeight } from "../match_weights.ts";
import type { PreparedModel } from "../prepare_model.ts";
import type { LocatedConfig } from "../read_config.ts";
import type { TensorToWrite } from "../tensor_to_write.ts";
import { weightAs } from "../weight_as.ts";
import type { FormatRule } from "./format_rule.ts";
import type { RecordedSources } from "./recorded_sources.ts";
import { inSlices } from "./tensor_slices.ts";

/** A model that is to be written. */
export interface QuantizeJob {
  /** Its config. */
  readonly located: LocatedConfig;
  /** Its parts and weights. */
  readonly prepared: PreparedModel;
  /** Its files. */
  readonly sources: RecordedSources;
  /** The formats of its tensors. */
  readonly rule: FormatRule;
  /** Told of each tensor that was written. */
  readonly onWritten: (tensor: QuantizedTensor) => void;
}

/** One tensor of the result. */
export interface QuantizedTensor {
  /** Its name in the file. */
  readonly name: string;
  /** Its sizes, outermost first. */
  readonly shape: readonly number[];
  /** Format before. */
  readonly from: StoredFormat;
  /** Format in the file. */
  readonly to: StoredFormat;
  /** Bytes before. */
  readonly bytesBefore: number;
  /** Bytes in the file. */
  readonly bytesAfter: number;
  /** Why the format is not the one that was asked for; left out where it is. */
  readonly note?: string;
}

/** An output that is ready to be written. */
export interface OutputPlan {
  /** What it will hold. */
  readonly tensors: readonly QuantizedTensor[];
  /** Writes it to a path that is not there. */
  write(path: string): Promise<void>;
}

/** A tensor that is ready to be written. */
export interface PlannedTensor {
  /** For the report. */
  readonly facts: QuantizedTensor;
  /** For the writer. */
  readonly toWrite: TensorToWrite;
}

/** The tensor of a weight under a name of the file, in its format. */
export function planTensor(
  { rule, onWritten }: Pick<QuantizeJob, "rule" | "onWritten">,
  weight: MatchedWeight,
  name: string,
): PlannedTensor {
  const { stored } = weight;
  const { format, note } = rule.choose(weight, name);
  const converted = format === stored.format
    ? stored
    : weightAs(stored, format as Parameters<typeof weightAs>[1]);
  const facts: QuantizedTensor = {
    name,
    shape: stored.shape,
    from: stored.format,
    to: converted.format,
    bytesBefore: stored.sizeBytes,
    bytesAfter: converted.sizeBytes,
    ...(note === undefined ? {} : { note }),
  };
  const toWrite = inSlices(converted, name);
  return { facts, toWrite: watched(toWrite, facts, onWritten) };
}

/** Looks for values that the format cannot hold, and tells of the end. */
function watched(
  tensor: TensorToWrite,
  facts: QuantizedTensor,
  onWritten: QuantizeJob["onWritten"],
): TensorToWrite {
  async function* data(): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const piece of tensor.data as AsyncIterable<Uint8Array>) {
      const values = decodeToF32(facts.to, piece);
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at >= 0) throw notFinite(facts, done + at, values[at]!);
      done += values.length;
      yield piece;
    }
    onWritten(facts);
  }
  return { ...tensor, data: data() };
}

function notFinite(
  { name, shape, to }: QuantizedTensor,
  element: number,
  value: number,
): RookeryError {
  const { elements } = FORMAT_BLOCKS[to];
  const columns = wholeBlocks(shape.at(-1) ?? 1, elements);
  const row = Math.floor(element / columns), column = element % columns;
  return new RookeryError(
    "numeric",
    `Cannot write tensor ${name} as ${to} as its value in row ${row}, column ` +
      `${column} would be ${value}: values must be finite; keep the tensor ` +
      "with --keep, choose bf16 or f32 for values beyond 65504, or fetch the " +
      "file anew",
    { path: name, expected: "a finite number", actual: value },
  );
}
