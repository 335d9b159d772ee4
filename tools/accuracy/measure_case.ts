/**
 * Runs a golden model in one precision and compares it with its reference.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLogitsInputs } from "../../cli/logits_inputs.ts";
import { computeLogits } from "../../cli/logits_outputs.ts";
import {
  assemble,
  assembleVision,
  builtinPlugins,
  Catalog,
  type Device,
  locateConfig,
  type LocatedConfig,
  readSafetensors,
  type TensorInMemory,
  type WeightDtypes,
} from "../../mod.ts";
import { rootUrl } from "../../tests/architecture/source_files.ts";
import type { AccuracyCase } from "./cases.ts";
import { ALL_Q4_1 } from "./weight_modes.ts";

/** A precision that is measured. */
export type Mode = "f32" | "f16" | "q8_0" | "q4_1";

/** How far results are from the reference's. */
export interface Accuracy {
  /** Largest difference of any value of any result. */
  readonly maxDifference: number;
  /** The same, in parts of the range of the results that it belongs to. */
  readonly relative: number;
  /** Share of positions where the likeliest token is the same. */
  readonly top1: number | undefined;
  /** Mean change of the negative log-likelihood of the text's tokens. */
  readonly deltaNll: number | undefined;
}

/** Measures a case; `f16` keeps weights and values between layers as halves. */
export async function measureCase(
  device: Device,
  test: AccuracyCase,
  mode: Mode,
): Promise<Accuracy> {
  const models = fileURLToPath(rootUrl("tests/golden/models"));
  const at = (file: string): string => join(models, test.folder, file);
  const golden = await readSafetensors(at(test.golden ?? "logits.safetensors"));
  const setup = { device, model: at(test.model ?? ""), golden, mode };
  return test.kind === "vision"
    ? await measureVision(setup, test.features!)
    : await measureText(setup, at(test.inputs ?? "inputs.safetensors"));
}

/** A model and what is expected of it. */
interface Setup {
  readonly device: Device;
  readonly model: string;
  readonly golden: ReadonlyMap<string, TensorInMemory>;
  readonly mode: Mode;
}

async function measureVision(
  { device, model, golden, mode }: Setup,
  features: string,
): Promise<Accuracy> {
  const { values, shape } = golden.get("pixels")!;
  const px = shape[2]!;
  using vision = await assembleVision(await visionConfig(model, px), {
    device,
    dtype: dtypeOf(mode),
  });
  const pictures = picturesOf(values as Float32Array<ArrayBuffer>, px);
  const found = await vision.encode(pictures);
  const wanted = golden.get(features)!.values as Float32Array;
  return { ...compare(found, wanted), top1: undefined, deltaNll: undefined };
}

async function measureText(
  { device, model, golden, mode }: Setup,
  path: string,
): Promise<Accuracy> {
  const inputs = readLogitsInputs(await readSafetensors(path), path);
  const activations = mode === "f16" ? "f16" : "f32";
  const dtype = dtypeOf(mode);
  const options = { device, dtype, engine: { activations } } as const;
  using opened = await assemble(model, options);
  const found = await computeLogits(opened, inputs);
  const results = found.flatMap(({ name, data }) => {
    const wanted = golden.get(name)?.values as Float32Array | undefined;
    const { buffer, byteOffset, byteLength } = data as Uint8Array<ArrayBuffer>;
    const values = new Float32Array(buffer, byteOffset, byteLength / 4);
    return wanted === undefined ? [] : [{ name, values, wanted }];
  });
  const logits = results.find(({ name }) => name === "logits")!;
  const width = logits.wanted.length / inputs.mask.length;
  const all = results.map(({ name, values, wanted }) =>
    name === "logits"
      ? compareKept(values, wanted, inputs.mask)
      : compare(values, wanted)
  );
  return {
    maxDifference: Math.max(...all.map((each) => each.maxDifference)),
    relative: Math.max(...all.map((each) => each.relative)),
    ...likelihoods(logits, { ...inputs, width }),
  };
}

/** All matrices alike, those of tokens too: this is about the format. */
function dtypeOf(mode: Mode): WeightDtypes {
  return mode === "q4_1" ? ALL_Q4_1 : mode;
}

/** The config of a folder, for pictures of the golden side. */
async function visionConfig(
  model: string,
  px: number,
): Promise<LocatedConfig> {
  const located = await locateConfig(model, new Catalog(builtinPlugins()));
  const { config } = located;
  if (config.kind !== "vision") throw new Error(`${model} is no vision model`);
  const options = { ...config.vision.options, px };
  const vision = { ...config.vision, options };
  return { ...located, config: { ...config, vision } };
}

function picturesOf(
  values: Float32Array<ArrayBuffer>,
  px: number,
): Float32Array<ArrayBuffer>[] {
  const size = 3 * px * px;
  return Array.from(
    { length: values.length / size },
    (_, i) => values.slice(i * size, (i + 1) * size),
  );
}

function compare(
  found: Float32Array,
  wanted: Float32Array,
): Pick<Accuracy, "maxDifference" | "relative"> {
  let most = 0, low = Infinity, high = -Infinity;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i]! - wanted[i]!);
    // NaN must not pass for a small difference.
    if (!(difference <= most)) most = difference;
    low = Math.min(low, wanted[i]!);
    high = Math.max(high, wanted[i]!);
  }
  return { maxDifference: most, relative: most / (high - low) };
}

/** As `compare`, at positions that are not masked. */
function compareKept(
  found: Float32Array,
  wanted: Float32Array,
  isKept: readonly boolean[],
): Pick<Accuracy, "maxDifference" | "relative"> {
  const width = wanted.length / isKept.length;
  const kept = (values: Float32Array): Float32Array =>
    values.filter((_, i) => isKept[Math.floor(i / width)]);
  return compare(kept(found), kept(wanted));
}

/** What likelihoods are taken of. */
interface TextRows {
  readonly rows: number;
  readonly length: number;
  readonly ids: readonly number[];
  readonly mask: readonly boolean[];
  readonly width: number;
}

function likelihoods(
  { values, wanted }: { values: Float32Array; wanted: Float32Array },
  { rows, length, ids, mask, width }: TextRows,
): Pick<Accuracy, "top1" | "deltaNll"> {
  let same = 0, count = 0, change = 0, targets = 0;
  for (let at = 0; at < rows * length; at++) {
    if (!mask[at]) continue;
    const own = values.subarray(at * width, (at + 1) * width);
    const other = wanted.subarray(at * width, (at + 1) * width);
    if (largest(own) === largest(other)) same++;
    count++;
    const isLast = (at + 1) % length === 0 || !mask[at + 1];
    if (isLast) continue;
    change += nll(own, ids[at + 1]!) - nll(other, ids[at + 1]!);
    targets++;
  }
  return { top1: same / count, deltaNll: change / targets };
}

/** Index of the largest value. */
export function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/** Negative log-likelihood of an index under logits. */
export function nll(logits: Float32Array, index: number): number {
  const top = logits[largest(logits)]!;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - top);
  return top + Math.log(sum) - logits[index]!;
}
