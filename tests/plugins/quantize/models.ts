/**
 * Golden models that are quantised in tests, and what they say.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLogitsInputs } from "../../../cli/logits_inputs.ts";
import { computeLogits } from "../../../cli/logits_outputs.ts";
import {
  assemble,
  assembleContrastive,
  assembleVision,
  createDevice,
  type LocatedConfig,
  type ModelConfig,
  readSafetensors,
  type WeightDtypes,
} from "../../../mod.ts";

/** Path below the golden models. */
export function modelPath(...names: readonly string[]): string {
  const url = new URL("../../golden/models/", import.meta.url);
  return join(fileURLToPath(url), ...names);
}

/** A model as `assemble` takes it. */
export type Model = string | LocatedConfig | ModelConfig;

/** Logits of golden inputs; of models with eyes also latents, all in a row. */
export async function logitsOf(
  model: Model,
  dtype: WeightDtypes,
  inputs: string,
  choice: "auto" | "cpu" = "cpu",
): Promise<Uint8Array> {
  using device = await createDevice({ device: choice });
  using opened = await assemble(model, { device, dtype });
  const read = readLogitsInputs(await readSafetensors(inputs), inputs);
  const found = await computeLogits(opened, read);
  return joined(found.map(({ data }) => data as Uint8Array));
}

/** Features of a seeded picture. */
export async function featuresOf(
  model: Model,
  dtype: WeightDtypes,
): Promise<Uint8Array> {
  using device = await createDevice({ device: "cpu" });
  using vision = await assembleVision(model, { device, dtype });
  const { px } = vision.vision;
  return bytesOf(await vision.encode([pixels(px)]));
}

/** Vectors of a seeded picture and of a text. */
export async function vectorsOf(
  model: Model,
  dtype: WeightDtypes,
): Promise<Uint8Array> {
  using device = await createDevice({ device: "cpu" });
  using pair = await assembleContrastive(model, { device, dtype });
  const images = await pair.embedImages([pixels(pair.vision.px)]);
  const texts = await pair.embedTexts([[1, 5, 9, 2]]);
  return joined([bytesOf(images), bytesOf(texts)]);
}

function pixels(px: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: 3 * px * px },
    (_, i) => Math.sin(i * 0.7) + Math.cos(i * 0.11),
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Runs a test with a folder that is removed after it. */
export async function inFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
