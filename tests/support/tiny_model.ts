/**
 * A Flamingo small enough to run anywhere in a moment, with every kind of part
 * in its place.
 *
 * @module
 */

import {
  assemble,
  type AssembleOptions,
  builtinPlugins,
  type Device,
  type Flamingo,
  type ModelConfig,
  parseConfig,
  type Picture,
} from "../../mod.ts";
import { createRandom } from "./random.ts";
import { tinyPlugin } from "./tiny_plugin.ts";
import { TINY, tinyWeights, type TinyWeightsOptions } from "./tiny_weights.ts";

/** Options of the tiny models. */
export interface TinyOptions
  extends Partial<TinyWeightsOptions>, Omit<AssembleOptions, "device"> {}

/** The tiny Flamingo of seeded weights; by default with open gates. */
export async function tinyFlamingo(
  device: Device,
  options: TinyOptions = {},
): Promise<Flamingo> {
  const { gates = "random", seed = 1, ...rest } = options;
  return await assemble(parseConfig(tinyConfigJson(), "tiny"), {
    device,
    plugins: tinyPlugins(),
    weights: tinyWeights({ gates, seed }),
    ...rest,
  });
}

/** The language model of the tiny Flamingo alone, with the same weights. */
export async function tinyLanguageModel(
  device: Device,
  options: Pick<TinyOptions, "seed" | "engine" | "dtype" | "weights"> = {},
): Promise<Flamingo> {
  const { seed = 1, ...rest } = options;
  const { kind: _, language, tokenizer } = tinyConfigJson();
  const json = { kind: "language", schema: 1, language, tokenizer };
  const { language: weights } = tinyWeights({ gates: 0, seed });
  return await assemble(parseConfig(json, "tiny language model"), {
    device,
    plugins: tinyPlugins(),
    weights: { language: weights },
    ...rest,
  });
}

/** Built-in plugins and the stand-ins. */
export function tinyPlugins(): ReturnType<typeof builtinPlugins> {
  return [...builtinPlugins(), tinyPlugin()];
}

/** Sections of the tiny model's config. */
export type TinyJson = Record<string, Record<string, unknown> | unknown>;

/** The config of the tiny model, whose weights are handed in. */
export function tinyConfigJson(): TinyJson {
  const { px, patchPx, visionWidth, mediaWidth: width } = TINY;
  const { depth, latents, mediaHeads: heads, mediaHeadDim: headDim } = TINY;
  const media = { dialect: "open_flamingo", heads, headDim, ffMult: 2 };
  return {
    kind: "flamingo",
    schema: 1,
    name: "tiny",
    vision: { part: "test/patches", px, patchPx, width: visionWidth },
    image: { fit: "stretch", resize: "bilinear" },
    resampler: { ...media, width, depth, latents, positions: true },
    language: {
      part: "llama/decoder",
      layers: TINY.layers,
      width: TINY.width,
      heads: TINY.heads,
      kvHeads: TINY.kvHeads,
      headDim: TINY.headDim,
      ffnWidth: TINY.ffnWidth,
      vocabulary: TINY.vocabulary,
      normEps: 1e-5,
      ropeTheta: 10_000,
      context: TINY.context,
      isTied: false,
    },
    crossAttention: { ...media, layers: [...TINY.gated] },
    tokenizer: { part: "test/letters" },
    tokens: { image: "<image>", endOfChunk: "<eoc>", start: "<s>" },
    prompt: { caption: "{text}", answer: "{question}{answer}" },
  };
}

/** The same config for weights that `saveTinyWeights` wrote. */
export function tinyFilesJson(): TinyJson {
  const json = tinyConfigJson();
  const vision = json["vision"] as Record<string, unknown>;
  return {
    ...json,
    vision: { ...vision, weights: "vision.safetensors" },
    language: { weights: "llama" },
    bridge: { format: "open_flamingo", weights: "bridge.safetensors" },
  };
}

/** As `tinyFilesJson`, checked. */
export function tinyFilesConfig(): ModelConfig {
  return parseConfig(tinyFilesJson(), "tiny files");
}

/** A picture of seeded noise, as large as the tiny encoder wants it. */
export function tinyPicture(seed: number): Picture {
  const random = createRandom(seed);
  const size = TINY.px;
  const data = new Uint8Array(size * size * 4);
  for (let i = 0; i < data.length; i++) {
    data[i] = i % 4 === 3 ? 255 : 256 * random();
  }
  return { width: size, height: size, data };
}
