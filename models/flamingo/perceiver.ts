/**
 * Perceiver Resampler (Flamingo, section 2.1 and appendix A.1.1; tensor names
 * of open_flamingo `src/helpers.py`): learnt latents read a picture's features
 * and each other, layer by layer.
 *
 * @module
 */

import type { Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { attention } from "../../ops/attention.ts";
import { concat } from "../../ops/concat.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { broadcastTo } from "../../ops/sum_to.ts";
import { joinHeads, linear, norm, splitHeads } from "../layers.ts";
import type { Resampler } from "../slots.ts";
import { type Activation, feedForward } from "./feed_forward.ts";

/** Sizes and choices of a Perceiver Resampler. */
export interface PerceiverConfig {
  /** Width of the features it reads. */
  readonly inputWidth: number;
  /** Whether features pass `proj_in` (weight and bias) to `width` first. */
  readonly hasInputProjection: boolean;
  /** Number of learnt positions added to the features; 0 for none. */
  readonly positions: number;
  /** Width of latents. */
  readonly width: number;
  /** Layers. */
  readonly depth: number;
  /** Latents a picture, r. */
  readonly latents: number;
  /** Attention heads. */
  readonly heads: number;
  /** Width of a head; heads · headDim may differ from `width`. */
  readonly headDim: number;
  /** Width of the feed-forward layer over `width`. */
  readonly ffMult: number;
  /** Squared ReLU in the paper, exact GELU in OpenFlamingo. */
  readonly activation: Activation;
}

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/** A Perceiver Resampler. */
export function perceiver(config: PerceiverConfig): Resampler {
  return {
    inputWidth: config.inputWidth,
    inputPositions: config.positions || undefined,
    latents: config.latents,
    width: config.width,
    resample: {
      name: "perceiver",
      build: (scope, { features }): Tensors => ({
        latents: buildPerceiver(config, scope, features!),
      }),
    },
  };
}

function buildPerceiver(
  config: PerceiverConfig,
  scope: WeightScope,
  features: Tensor,
): Tensor {
  const { width, latents, depth } = config;
  const [batch, f, n, d] = features.shape as [number, number, number, number];
  let x = reshape(features, { shape: [batch, f * n, d] });
  if (config.hasInputProjection) {
    x = linear(scope.at("proj_in"), x, { outputs: width, hasBias: true });
  }
  if (config.positions > 0) {
    x = add(x, scope.weight("positions", [config.positions, width]));
  }
  const learnt = scope.weight("latents", [latents, width]);
  let l = broadcastTo(learnt, { shape: [batch, latents, width] }); // [b, r, d]
  for (let i = 0; i < depth; i++) {
    const layer = scope.at("layers", i);
    l = add(l, readFeatures(config, layer.at(0), x, l));
    l = add(l, feedForward(layer.at(1), l, config));
  }
  return norm(scope.at("norm"), l, NORM_EPS);
}

/** Attention of the latents over features and latents together. */
function readFeatures(
  { heads, headDim, width }: PerceiverConfig,
  scope: WeightScope,
  features: Tensor,
  latents: Tensor,
): Tensor {
  const inner = heads * headDim;
  const x = norm(scope.at("norm_media"), features, NORM_EPS);
  const l = norm(scope.at("norm_latents"), latents, NORM_EPS);
  const q = linear(scope.at("to_q"), l, { outputs: inner });
  const both = concat(x, l, { axis: 1 }); // [b, n + r, d]
  const kv = linear(scope.at("to_kv"), both, { outputs: 2 * inner });
  const k = slice(kv, { axis: 2, start: 0, end: inner });
  const v = slice(kv, { axis: 2, start: inner, end: 2 * inner });
  const read = attention(
    splitHeads(q, heads),
    splitHeads(k, heads),
    splitHeads(v, heads),
    { scale: 1 / Math.sqrt(headDim), isCausal: false },
  );
  return linear(scope.at("to_out"), joinHeads(read), { outputs: width });
}
