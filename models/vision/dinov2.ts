/**
 * The vision transformer of DINOv2 (Oquab et al., 2023): patches and a class
 * token with learnt positions, and a learnt scale on every branch. Tensor names
 * and sizes are Hugging Face's `Dinov2Model`.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { attention } from "../../ops/attention.ts";
import { concat } from "../../ops/concat.ts";
import { gelu } from "../../ops/gelu.ts";
import { mul } from "../../ops/mul.ts";
import { silu } from "../../ops/silu.ts";
import { slice } from "../../ops/slice.ts";
import { broadcastTo } from "../../ops/sum_to.ts";
import { asTypeOf, joinHeads, linear, norm, splitHeads } from "../layers.ts";
import type { VisionEncoder } from "../slots.ts";
import { embedPatches, patchSide } from "./embed_patches.ts";

/** Sizes of a DINOv2 vision transformer, and what leaves it. */
export interface Dinov2Config {
  /** Side of the picture, in pixels. */
  readonly px: number;
  /** Side of a patch, in pixels; a rest of the picture is not seen. */
  readonly patchPx: number;
  /** Width of the residual stream, d. */
  readonly width: number;
  /** Layers. */
  readonly layers: number;
  /** Attention heads; they share the width evenly. */
  readonly heads: number;
  /** Width inside feed-forward layers. */
  readonly ffnWidth: number;
  /** Kind of feed-forward layers: the largest model's are gated by a SiLU. */
  readonly activation: "gelu" | "swiglu";
  /** Whether queries, keys and values have biases. */
  readonly hasQkvBias: boolean;
  /** Added to variances in layer norms. */
  readonly normEps: number;
  /** Whether the class token leaves the encoder too, as position 0. */
  readonly tokens: "patches" | "all";
  /** Whether what leaves it passes the last norm, `layernorm`. */
  readonly postNorm: boolean;
}

/** A DINOv2 vision transformer as a vision encoder. */
export function dinov2(config: Dinov2Config): VisionEncoder {
  const patches = patchSide(config.px, config.patchPx) ** 2;
  return {
    px: config.px,
    positions: config.tokens === "all" ? patches + 1 : patches,
    width: config.width,
    encode: {
      name: "dinov2",
      build: (scope, { pixels }) => ({
        features: buildVit(config, scope, pixels!),
      }),
    },
  };
}

function buildVit(
  config: Dinov2Config,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  const { normEps, tokens, postNorm } = config;
  let x = embed(config, scope.at("embeddings"), pixels); // [b, 1 + n, d]
  for (let i = 0; i < config.layers; i++) {
    const layer = scope.at("encoder", "layer", i);
    const seen = norm(layer.at("norm1"), x, normEps);
    const read = selfAttention(config, layer.at("attention"), seen);
    x = add(x, scaled(layer.at("layer_scale1"), read));
    const known = norm(layer.at("norm2"), x, normEps);
    const thought = feedForward(config, layer.at("mlp"), known);
    x = add(x, scaled(layer.at("layer_scale2"), thought));
  }
  if (tokens === "patches") {
    x = slice(x, { axis: 1, start: 1, end: x.shape[1]! });
  }
  return postNorm ? norm(scope.at("layernorm"), x, normEps) : x;
}

/** The class token and the patches, with their positions. */
function embed(
  { width, patchPx }: Dinov2Config,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  const projection = scope.at("patch_embeddings", "projection");
  const options = { patchPx, width, hasBias: true };
  const patches = embedPatches(projection, pixels, options);
  const [batch, n] = patches.shape as [number, number];
  const learnt = scope.weight("cls_token", [1, 1, width]);
  const own = asTypeOf(learnt, patches);
  const first = broadcastTo(own, { shape: [batch, 1, width] });
  const positions = scope.weight("position_embeddings", [1, n + 1, width]);
  return add(concat(first, patches, { axis: 1 }), positions);
}

function selfAttention(
  { width, heads, hasQkvBias }: Dinov2Config,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const read = scope.at("attention");
  const part = (name: string): Tensor => {
    const options = { outputs: width, hasBias: hasQkvBias };
    return splitHeads(linear(read.at(name), x, options), heads); // [b, l, h, k]
  };
  const y = attention(part("query"), part("key"), part("value"), {
    scale: 1 / Math.sqrt(width / heads),
    isCausal: false,
  });
  const options = { outputs: width, hasBias: true };
  return linear(scope.at("output", "dense"), joinHeads(y), options);
}

function feedForward(
  { width, ffnWidth, activation }: Dinov2Config,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const narrow = { outputs: width, hasBias: true };
  if (activation === "gelu") {
    const wide = { outputs: ffnWidth, hasBias: true };
    const y = gelu(linear(scope.at("fc1"), x, wide), { approximate: "none" });
    return linear(scope.at("fc2"), y, narrow);
  }
  const both = { outputs: 2 * ffnWidth, hasBias: true };
  const y = linear(scope.at("weights_in"), x, both);
  const gate = slice(y, { axis: 2, start: 0, end: ffnWidth });
  const value = slice(y, { axis: 2, start: ffnWidth, end: 2 * ffnWidth });
  return linear(scope.at("weights_out"), mul(silu(gate), value), narrow);
}

/** A branch times its learnt scale. */
function scaled(scope: WeightScope, x: Tensor): Tensor {
  return mul(x, scope.weight("lambda1", [x.shape.at(-1)!]));
}
