/**
 * What a quantised file is made of.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredFormat } from "../../core/stored_tensor.ts";
import { finiteTensor } from "../finite_tensor.ts";
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
  const toWrite = inSlices(finiteTensor(converted), name);
  return { facts, toWrite: watched(toWrite, facts, onWritten) };
}

/** Explains values that a format cannot hold, and tells of the end. */
function watched(
  tensor: TensorToWrite,
  facts: QuantizedTensor,
  onWritten: QuantizeJob["onWritten"],
): TensorToWrite {
  async function* data(): AsyncGenerator<Uint8Array> {
    try {
      yield* tensor.data as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw explained(error, facts);
    }
    onWritten(facts);
  }
  return { ...tensor, data: data() };
}

function explained(error: unknown, { name, to }: QuantizedTensor): unknown {
  if (!(error instanceof RookeryError) || error.code !== "numeric") {
    return error;
  }
  return new RookeryError(
    "numeric",
    `Cannot write tensor ${name} as ${to} as a value of it is no finite ` +
      "number there: keep it as it is with --keep, or choose f32 or bf16. " +
      error.message,
    { path: name, cause: error },
  );
}
