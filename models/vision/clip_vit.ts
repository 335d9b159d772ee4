/**
 * The vision transformer of CLIP (Radford et al., 2021): patches and a class
 * token with learnt positions, a norm before the layers. Tensor names and
 * sizes are Hugging Face's `CLIPVisionModel`.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { slice } from "../../ops/slice.ts";
import { broadcastTo } from "../../ops/sum_to.ts";
import { asTypeOf, norm } from "../layers.ts";
import type { VisionEncoder } from "../slots.ts";
import { clipEncoder, type ClipEncoderConfig } from "./clip_encoder.ts";
import { embedPatches, patchSide } from "./embed_patches.ts";

/** Sizes of a CLIP vision transformer, and what leaves it. */
export interface ClipVitConfig extends ClipEncoderConfig {
  /** Side of the picture, in pixels. */
  readonly px: number;
  /** Side of a patch, in pixels; a rest of the picture is not seen. */
  readonly patchPx: number;
  /** Whether the class token leaves the encoder too, as position 0. */
  readonly tokens: "patches" | "all";
  /** Whether what leaves it passes the last norm, `post_layernorm`. */
  readonly postNorm: boolean;
}

/** A CLIP vision transformer as a vision encoder. */
export function clipVit(config: ClipVitConfig): VisionEncoder {
  const patches = patchSide(config.px, config.patchPx) ** 2;
  return {
    px: config.px,
    positions: config.tokens === "all" ? patches + 1 : patches,
    width: config.width,
    encode: {
      name: "clip_vit",
      build: (scope, { pixels }) => ({
        features: buildVit(config, scope, pixels!),
      }),
    },
  };
}

function buildVit(
  config: ClipVitConfig,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  const { normEps, tokens, postNorm } = config;
  let x = embed(config, scope.at("embeddings"), pixels); // [b, 1 + n, d]
  x = norm(scope.at("pre_layrnorm"), x, normEps); // the published spelling
  x = clipEncoder(scope.at("encoder"), x, config, { isCausal: false });
  if (tokens === "patches") {
    x = slice(x, { axis: 1, start: 1, end: x.shape[1]! });
  }
  return postNorm ? norm(scope.at("post_layernorm"), x, normEps) : x;
}

/** The class token and the patches, with their positions. */
function embed(
  { width, patchPx }: ClipVitConfig,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  const kernel = scope.at("patch_embedding");
  const patches = embedPatches(kernel, pixels, { patchPx, width });
  const [batch, n] = patches.shape as [number, number];
  const learnt = scope.weight("class_embedding", [width]);
  const own = asTypeOf(learnt, patches);
  const first = broadcastTo(own, { shape: [batch, 1, width] });
  const positions = scope.at("position_embedding")
    .weight("weight", [n + 1, width]);
  return add(concat(first, patches, { axis: 1 }), positions);
}
