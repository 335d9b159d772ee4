/**
 * The default model against its golden data from PyTorch.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import {
  assemble,
  type Device,
  type Flamingo,
  readConfig,
  readSafetensors,
  RookeryError,
  type WeightDtype,
} from "../mod.ts";
import { hashOf } from "./open_subject.ts";
import {
  type CaptionDifference,
  compareCaptions,
  normaliseFeatures,
  type ParityGolden,
  type ParityStage,
  pathValues,
  readParityGolden,
  relativeDifference,
} from "./parity.ts";

/** The model that the golden data is of. */
const PRESET = "rookery-small";
const BRIDGE = new URL("../presets/bridge.safetensors", import.meta.url);
const PICTURES = new URL("../tests/pictures/parity/", import.meta.url);
/** Made by training/parity.py. */
const GOLDEN = new URL("reference", PICTURES);

/** What a comparison with PyTorch found. */
export interface ParityReport {
  /** Largest difference of each stage against the range of its values. */
  readonly differences: Readonly<Record<ParityStage, number>>;
  /** Pictures that were captioned. */
  readonly pictures: number;
  /** Captions that differ. */
  readonly captions: readonly CaptionDifference[];
}

/** How the default model is compared. */
export interface CheckParityOptions {
  /** Precision of matrices; `"f32"` dequantises what is stored. */
  readonly dtype: WeightDtype;
  /** Pictures to caption, spread evenly over all; all if left out. */
  readonly limit?: number;
  /** Folder with the weights, used instead of the cache. */
  readonly weightsDir?: string;
}

/**
 * Compares the default model with PyTorch. Throws a `file` error where the
 * golden data is of another bridge.
 */
export async function checkParity(
  device: Device,
  { dtype, limit = Infinity, weightsDir }: CheckParityOptions,
): Promise<ParityReport> {
  const golden = await readParityGolden(fileURLToPath(GOLDEN));
  checkBridge(golden, await hashOf(await Deno.readFile(BRIDGE)));
  using model = await assemble(PRESET, {
    device,
    dtype,
    ...(weightsDir === undefined ? {} : { weightsDir }),
  });
  const names = Object.keys(golden.captions);
  const step = Math.max(1, names.length / limit);
  const chosen = names.filter((_, i) => Math.floor(i % step) === 0)
    .slice(0, limit);
  return {
    differences: await stageDifferences(model, golden),
    pictures: chosen.length,
    captions: await compareCaptions(model, chosen.map(pathOf), golden),
  };
}

function checkBridge({ bridge }: ParityGolden, actual: string): void {
  if (bridge === actual) return;
  throw new RookeryError(
    "file",
    `Cannot compare with PyTorch as the golden data is of the bridge ` +
      `${bridge} and presets/bridge.safetensors is ${actual}: make the data ` +
      "anew with training/parity.py (docs/evaluation.md)",
    { expected: bridge, actual },
  );
}

/** The worst of each stage over the pictures whose values are kept. */
async function stageDifferences(
  model: Flamingo,
  golden: ParityGolden,
): Promise<Record<ParityStage, number>> {
  const bridge = await readSafetensors(fileURLToPath(BRIDGE));
  const statistics = {
    mean: bridge.get("vision.mean")!.values as Float32Array,
    std: bridge.get("vision.std")!.values as Float32Array,
    clip: await featureClip(),
  };
  const worst = { features: 0, latents: 0, logits: 0 };
  const names = Object.keys(golden.captions).slice(0, golden.count);
  for (const [t, name] of names.entries()) {
    const values = await pathValues(model, pathOf(name));
    for (const stage of ["features", "latents", "logits"] as const) {
      const own = partOf(golden, stage, t);
      const expected = stage === "features"
        ? normaliseFeatures(own, statistics)
        : own;
      const difference = relativeDifference(values[stage], expected);
      worst[stage] = Math.max(worst[stage], difference);
    }
  }
  return worst;
}

/** Values of picture `t`. */
function partOf(
  { values, count }: ParityGolden,
  stage: ParityStage,
  t: number,
): Float32Array {
  const size = values[stage].length / count;
  return values[stage].subarray(t * size, (t + 1) * size);
}

async function featureClip(): Promise<number> {
  const { config } = await readConfig(PRESET);
  const options = config.kind === "flamingo" ? config.vision.options : {};
  return typeof options.clip === "number" ? options.clip : Infinity;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, PICTURES));
}
