/**
 * Whether the whole path computes what PyTorch does: picture file in, features,
 * latents, logits and greedy captions out.
 *
 * @module
 */

import { basename } from "node:path";
import { describeAll, type Flamingo, readSafetensors } from "../mod.ts";

/** Pictures captioned together. */
const BATCH = 16;

/** What PyTorch found, made by `training/parity.py`. */
export interface ParityGolden {
  /** SHA-256 of the bridge's file. */
  readonly bridge: string;
  /** Greedy captions by file name, in order. */
  readonly captions: Readonly<Record<string, string>>;
  /** Values of the first pictures: [t, n, d], [t, r, d], [t, v]. */
  readonly values: Readonly<Record<ParityStage, Float32Array>>;
  /** How many pictures `values` holds, t. */
  readonly count: number;
}

/** Places along the path that are compared. */
export type ParityStage = "features" | "latents" | "logits";

/** Statistics by which the bridge normalises features, [d] each. */
export interface FeatureStatistics {
  /** Mean of each feature. */
  readonly mean: Float32Array;
  /** Deviation of each feature. */
  readonly std: Float32Array;
  /** Normalised features are clamped to ± this. */
  readonly clip: number;
}

/** A caption that differs. */
export interface CaptionDifference {
  /** File name of the picture. */
  readonly picture: string;
  /** PyTorch's caption. */
  readonly expected: string;
  /** Rookery's. */
  readonly actual: string;
}

/** Reads golden data, `PATH.json` and `PATH.safetensors`. */
export async function readParityGolden(path: string): Promise<ParityGolden> {
  const { bridge, captions } = JSON.parse(
    await Deno.readTextFile(`${path}.json`),
  );
  const tensors = await readSafetensors(`${path}.safetensors`);
  const valuesOf = (name: string) =>
    tensors.get(name)!.values as Float32Array<ArrayBuffer>;
  return {
    bridge,
    captions,
    values: {
      features: valuesOf("features"),
      latents: valuesOf("latents"),
      logits: valuesOf("logits"),
    },
    count: tensors.get("logits")!.shape[0]!,
  };
}

/** Features as the resampler reads them, of features as the encoder makes them. */
export function normaliseFeatures(
  features: Float32Array,
  { mean, std, clip }: FeatureStatistics,
): Float32Array {
  const width = mean.length;
  return features.map((value, i) => {
    const d = i % width;
    const z = (value - mean[d]!) / std[d]!;
    return Math.max(-clip, Math.min(clip, z));
  });
}

/** Values of one picture along the path; logits after [start, image]. */
export async function pathValues(
  model: Flamingo,
  picture: string,
): Promise<Record<ParityStage, Float32Array>> {
  const image = model.image!;
  const pixels = image.process(await image.read(picture));
  const { features, latents } = await model.engine.describePictures([pixels]);
  const { sequence, chunk } = await model.open([{ image: picture }]);
  try {
    const all = await model.engine.logits(sequence, chunk);
    const { vocabulary } = model.engine.stack.language;
    return { features, latents, logits: all.slice(-vocabulary) };
  } finally {
    model.engine.close(sequence);
  }
}

/** Largest difference against the range of the expected values. */
export function relativeDifference(
  actual: Float32Array,
  expected: Float32Array,
): number {
  if (actual.length !== expected.length) return Infinity;
  let [low, high, most] = [Infinity, -Infinity, 0];
  for (let i = 0; i < expected.length; i++) {
    low = Math.min(low, expected[i]!);
    high = Math.max(high, expected[i]!);
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= most)) most = difference; // NaN stays
  }
  return most / (high - low);
}

/** Captions that differ from PyTorch's. */
export async function compareCaptions(
  model: Flamingo,
  pictures: readonly string[],
  { captions }: Pick<ParityGolden, "captions">,
): Promise<CaptionDifference[]> {
  const differences: CaptionDifference[] = [];
  for (let at = 0; at < pictures.length; at += BATCH) {
    const group = pictures.slice(at, at + BATCH);
    const texts = await describeAll(
      model,
      group.map((image) => ({ query: { image } })),
      { maxTokens: 24 },
    );
    texts.forEach((actual, i) => {
      const picture = basename(group[i]!);
      const expected = captions[picture] ?? "";
      if (actual !== expected) differences.push({ picture, expected, actual });
    });
  }
  return differences;
}
