/**
 * Small ways to use every built-in part, for `checkPlugin`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { PartCase } from "../../plugins/check_plugin.ts";

/** Path of a file of the tests. */
function at(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

const DECODER = {
  layers: 2,
  width: 24,
  heads: 4,
  ffnWidth: 40,
  vocabulary: 71,
  context: 40,
};

const NFNET = {
  px: 38,
  depths: [1, 2, 1, 2],
  widths: [16, 32, 48, 32],
  stem: [2, 4, 8, 16],
  groupWidth: 8,
};

const CLIP_TEXT = {
  width: 24,
  layers: 2,
  heads: 3,
  ffnWidth: 40,
  activation: "gelu",
  vocabulary: 60,
  context: 12,
  projectionWidth: 10,
} as const;

const EVERY_DIALECT = ["paper", "open_flamingo", "idefics", "flamingo_mini"];

/** Cases by the name of the plugin; of those left out every part takes `{}`. */
export const CASES: Readonly<Record<string, readonly PartCase[]>> = {
  clip: [
    { part: "clip/vit", weights: at("golden/models/clip_vit_quick") },
    {
      part: "clip/vit",
      options: {
        px: 20,
        patchPx: 6,
        width: 24,
        layers: 2,
        heads: 3,
        ffnWidth: 40,
        activation: "gelu",
        tokens: "all",
        postNorm: true,
      },
    },
    {
      part: "clip/text",
      options: CLIP_TEXT,
      neighbours: { vision: { px: 24, positions: 10, width: 20 } }, // 9 + class
    },
  ],
  efficientnet_lite: [{
    part: "efficientnet_lite/encoder",
    options: { px: 32, levels: ["block3", "block4"] },
  }],
  nfnet: [{ part: "nfnet/encoder", options: NFNET }],
  dinov2: [
    {
      part: "dinov2/vit",
      options: { px: 24 },
      weights: at("golden/models/dinov2_small"),
    },
    {
      part: "dinov2/vit",
      options: {
        px: 21,
        patchPx: 5,
        width: 24,
        layers: 2,
        heads: 4,
        ffnWidth: 40,
        activation: "swiglu",
        tokens: "all",
      },
    },
  ],
  perceiver: EVERY_DIALECT.map((dialect) => ({
    part: "perceiver",
    options: { dialect, depth: 2, latents: 5, heads: 2, headDim: 6, width: 24 },
  })),
  qformer: [{
    part: "qformer",
    options: { width: 24, depth: 2, latents: 5, heads: 3, ffWidth: 40 },
  }],
  projector: [
    { part: "linear", options: { width: 20 } },
    { part: "mlp", options: { width: 20, depth: 2 } },
  ],
  cross_attention: EVERY_DIALECT.map((dialect) => ({
    part: "cross_attention",
    options: { dialect, every: 2, heads: 3, headDim: 8, ffMult: 2 },
  })),
  llama: [
    { part: "llama/decoder", weights: at("golden/models/llama_tied") },
    {
      part: "llama/decoder",
      weights: at("golden/models/gguf/llama_yarn.gguf"),
    },
    { part: "llama/decoder", options: { ...DECODER, kvHeads: 2 } },
  ],
  gpt_neox: [{
    part: "gpt_neox/decoder",
    options: { ...DECODER, rotaryDims: 4, isParallel: false },
  }],
  opt: [
    { part: "opt/decoder", options: DECODER },
    {
      part: "opt/decoder",
      options: { ...DECODER, embeddingWidth: 16, isPreNorm: false },
    },
  ],
  gpt2: [
    { part: "gpt2/decoder", weights: at("golden/models/gpt2_untied") },
    { part: "gpt2/decoder", options: { ...DECODER, isScaledByLayer: true } },
  ],
  mpt: [
    { part: "mpt/decoder", options: DECODER },
    {
      part: "mpt/decoder",
      options: { ...DECODER, positions: "learned", hasQkNorm: true },
    },
  ],
  chinchilla: [{ part: "chinchilla/decoder", options: DECODER }],
  tokenizer: [{ part: "tokenizer", weights: at("golden/tokenizer/tiny") }],
  image: [{
    part: "image",
    options: { fit: "pad", margin: 0.1, mean: [0.5, 0.5, 0.5] },
    file: at("pictures/demo/fluent/1f34e.webp"),
  }],
  safetensors: [{
    part: "safetensors",
    file: at("golden/readers/all.safetensors"),
  }],
  gguf: [{ part: "gguf", file: at("golden/readers/all.gguf") }],
  torch: [
    { part: "torch", file: at("golden/readers/protocol4.pt") },
    { part: "torch", file: at("golden/readers/legacy.pth") },
  ],
  npz: [{ part: "npz", file: at("golden/readers/all.npz") }],
};

/** A case of the tests' own small plugin. */
export const PATCHES: PartCase = {
  part: "test/patches",
  options: { px: 12, patchPx: 4, width: 8 },
};
