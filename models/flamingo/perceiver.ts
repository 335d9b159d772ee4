/**
 * Perceiver Resampler (Flamingo, section 2.1 and appendix A.1.1): learnt
 * latents read the features of a picture or of a video's frames, and each
 * other, layer by layer.
 *
 * @module
 */

import type { Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { reshape } from "../../ops/reshape.ts";
import { linear, norm } from "../layers.ts";
import { learntLatents } from "../resamplers/learnt_latents.ts";
import type { Resampler } from "../slots.ts";
import { type Activation, feedForward } from "./feed_forward.ts";
import { frameEmbedding } from "./frame_embedding.ts";
import {
  perceiverAttention,
  type PerceiverAttentionConfig,
} from "./perceiver_attention.ts";
import type { EmbeddingName } from "./perceiver_dialects.ts";

/** Sizes and choices of a Perceiver Resampler. */
export interface PerceiverConfig extends PerceiverAttentionConfig {
  /** Width of the features it reads. */
  readonly inputWidth: number;
  /** Whether features pass `proj_in` (weight and bias) to `width` first. */
  readonly hasInputProjection: boolean;
  /** Number of learnt positions added to each frame's features; 0 for none. */
  readonly positions: number;
  /** Frames with a learnt embedding; more are interpolated; 0 for none. */
  readonly timeEmbeddings: number;
  /** Pictures of a sequence with a learnt embedding; 0 for none. */
  readonly mediaEmbeddings: number;
  /** Most frames it reads; undefined for any number. */
  readonly frames: number | undefined;
  /** Width of latents. */
  readonly width: number;
  /** Layers. */
  readonly depth: number;
  /** Latents a picture, r. */
  readonly latents: number;
  /** Width of the feed-forward layer over `width`. */
  readonly ffMult: number;
  /** Of the feed-forward layers. */
  readonly activation: Activation;
}

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/** A Perceiver Resampler. */
export function perceiver(config: PerceiverConfig): Resampler {
  const { inputWidth, positions, latents, width, frames, mediaEmbeddings } =
    config;
  return {
    inputWidth,
    inputPositions: positions || undefined,
    latents,
    width,
    frames,
    readsIndex: mediaEmbeddings > 0,
    pictures: mediaEmbeddings || undefined,
    resample: {
      name: "perceiver",
      build: (scope, inputs): Tensors => ({
        latents: buildPerceiver(config, scope, inputs),
      }),
    },
  };
}

function buildPerceiver(
  config: PerceiverConfig,
  scope: WeightScope,
  inputs: Tensors,
): Tensor {
  const { width, latents, depth, names } = config;
  const x = embedFeatures(config, scope, inputs);
  const learnt = scope.weight("latents", [latents, width]);
  let l = learntLatents(learnt, x); // [b, r, d]
  for (let i = 0; i < depth; i++) {
    const layer = scope.at(names.layers, i);
    l = add(l, perceiverAttention(layer.at(0), x, l, { ...config, layer: i }));
    const { ffMult, activation } = config;
    const of = { ffMult, activation, names: names.feedForward };
    l = add(l, feedForward(layer.at(1), l, of));
  }
  return norm(scope.at(names.norm), l, NORM_EPS);
}

/** Features [b, f, n, d] with all that is added to them, as [b, f·n, w]. */
function embedFeatures(
  config: PerceiverConfig,
  scope: WeightScope,
  { features, index }: Tensors,
): Tensor {
  const { width, names, positions, timeEmbeddings, mediaEmbeddings } = config;
  const [b, f, n] = features!.shape as [number, number, number];
  let x = features!;
  if (config.hasInputProjection) {
    x = linear(scope.at("proj_in"), x, { outputs: width, hasBias: true });
  }
  if (positions > 0) x = add(x, scope.weight("positions", [positions, width]));
  if (timeEmbeddings > 0) {
    const table = rowsOf(scope, names.timeEmbeddings!, timeEmbeddings, width);
    const rows = frameEmbedding(table, f);
    x = add(x, reshape(rows, { shape: [f, 1, width] }));
  }
  x = reshape(x, { shape: [b, f * n, width] });
  if (mediaEmbeddings === 0) return x;
  const table = rowsOf(scope, names.mediaEmbeddings!, mediaEmbeddings, width);
  const rows = embedding(table, index!);
  return add(x, reshape(rows, { shape: [b, 1, width] }));
}

/** A weight of embeddings as [N, d]. */
function rowsOf(
  scope: WeightScope,
  { name, between }: EmbeddingName,
  rows: number,
  width: number,
): Tensor {
  const weight = scope.weight(name, [rows, ...between, width]);
  return reshape(weight, { shape: [rows, width] });
}
