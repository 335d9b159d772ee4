/**
 * Sizes of the models that flamingo-mini names, as their authors publish them.
 *
 * @module
 */

import type { JsonObject } from "../json_file.ts";

/** Layers, width, heads. */
const GPT2: Readonly<Record<string, readonly [number, number, number]>> = {
  "gpt2": [12, 768, 12],
  "gpt2-medium": [24, 1024, 16],
  "gpt2-large": [36, 1280, 20],
  "gpt2-xl": [48, 1600, 25],
};

/** Layers, width, heads; feed-forward layers are four times as wide. */
const OPT: Readonly<Record<string, readonly [number, number, number]>> = {
  "facebook/opt-125m": [12, 768, 12],
  "facebook/opt-350m": [24, 1024, 16],
  "facebook/opt-1.3b": [24, 2048, 32],
  "facebook/opt-2.7b": [32, 2560, 32],
  "facebook/opt-6.7b": [32, 4096, 32],
  "facebook/opt-13b": [40, 5120, 40],
  "facebook/opt-30b": [48, 7168, 56],
  "facebook/opt-66b": [64, 9216, 72],
};

/** Vision towers and their sizes as `clip/vit` calls them. */
const CLIP: Readonly<Record<string, string>> = {
  "openai/clip-vit-base-patch32": "B/32",
  "openai/clip-vit-base-patch16": "B/16",
  "openai/clip-vit-large-patch14": "L/14",
  "openai/clip-vit-large-patch14-336": "L/14-336",
};

/** Names of the language models whose sizes are known. */
export const LANGUAGE_NAMES: readonly string[] = [
  ...Object.keys(GPT2),
  ...Object.keys(OPT),
];

/** Names of the vision towers whose sizes are known. */
export const VISION_NAMES: readonly string[] = Object.keys(CLIP);

/** Sizes of a language model by name, as its section of a config has them. */
export function languageSizes(name: string): JsonObject | undefined {
  const found = GPT2[name] ?? OPT[name];
  if (found === undefined) return undefined;
  const [layers, width, heads] = found;
  const sizes = { layers, width, heads, ffnWidth: 4 * width, isTied: true };
  if (name in GPT2) return { ...sizes, vocabulary: 50_257, context: 1024 };
  // The only one with its norms behind the layers, and a narrow embedding.
  const other = name === "facebook/opt-350m"
    ? { embeddingWidth: 512, isPreNorm: false }
    : {};
  return { ...sizes, vocabulary: 50_272, context: 2048, ...other };
}

/** The size of a vision tower by name. */
export function visionSize(name: string): string | undefined {
  return CLIP[name];
}
