/**
 * Q-Former (BLIP-2, section 3.1; tensor names of transformers
 * `models/blip_2`): learnt queries read each other and, in some layers, the
 * features. Norms stand after the sums, as in BERT.
 *
 * @module
 */

import type { Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { attention } from "../../ops/attention.ts";
import { gelu } from "../../ops/gelu.ts";
import { reshape } from "../../ops/reshape.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { Resampler } from "../slots.ts";
import { learntLatents } from "./learnt_latents.ts";

/** Sizes of a Q-Former. */
export interface QFormerConfig {
  /** Width of the features it reads. */
  readonly inputWidth: number;
  /** Width of the queries. */
  readonly width: number;
  /** Width after `language_projection`; undefined: there is none. */
  readonly outputWidth: number | undefined;
  /** Layers. */
  readonly depth: number;
  /** Queries, which become the latents of a picture, r. */
  readonly latents: number;
  /** Attention heads; their width is `width` / heads. */
  readonly heads: number;
  /** Width inside the feed-forward layers. */
  readonly ffWidth: number;
  /** Layers 0, c, 2c, … read the features. */
  readonly crossEvery: number;
  /** Added to variances in layer norms. */
  readonly normEps: number;
}

/**
 * A Q-Former. It has no notion of time: the features of a video's frames are
 * one list.
 */
export function qFormer(config: QFormerConfig): Resampler {
  return {
    inputWidth: config.inputWidth,
    inputPositions: undefined,
    latents: config.latents,
    width: config.outputWidth ?? config.width,
    resample: {
      name: "qformer",
      build: (scope, { features }): Tensors => ({
        latents: buildQFormer(config, scope, features!),
      }),
    },
  };
}

function buildQFormer(
  config: QFormerConfig,
  scope: WeightScope,
  features: Tensor,
): Tensor {
  const { latents, width, depth, normEps, crossEvery, outputWidth } = config;
  const [b, f, n, d] = features.shape as [number, number, number, number];
  const x = reshape(features, { shape: [b, f * n, d] });
  const queries = scope.weight("query_tokens", [1, latents, width]);
  const own = scope.at("qformer");
  const first = learntLatents(queries, x); // [b, r, d]
  let l = norm(own.at("layernorm"), first, normEps);
  for (let i = 0; i < depth; i++) {
    const layer = own.at("encoder", "layer", i);
    const among = { ...config, reads: 2 * i, of: "latents" };
    l = attend(among, layer.at("attention"), l, l);
    if (i % crossEvery === 0) {
      const cross = { ...config, reads: 2 * i + 1, of: "features" };
      l = attend(cross, layer.at("crossattention"), l, x);
    }
    l = feedForward(config, layer, l);
  }
  if (outputWidth === undefined) return l;
  const to = { outputs: outputWidth, hasBias: true };
  return linear(scope.at("language_projection"), l, to);
}

/**
 * `norm(l + attention(q = l, kv = x))`. Queries and keys are named by the number
 * of the reading and what is read, for those who want to see it.
 */
function attend(
  { heads, width, normEps, reads, of: what }: QFormerConfig & {
    readonly reads: number;
    readonly of: string;
  },
  scope: WeightScope,
  l: Tensor,
  x: Tensor,
): Tensor {
  const of = { outputs: width, hasBias: true };
  const at = scope.at("attention");
  const query = splitHeads(linear(at.at("query"), l, of), heads);
  const q = named(query, `reads.${reads}.query`);
  const key = splitHeads(linear(at.at("key"), x, of), heads);
  const k = named(key, `reads.${reads}.${what}`);
  const v = splitHeads(linear(at.at("value"), x, of), heads);
  const scale = 1 / Math.sqrt(width / heads);
  const read = joinHeads(attention(q, k, v, { scale, isCausal: false }));
  const out = linear(scope.at("output", "dense"), read, of);
  return norm(scope.at("output", "LayerNorm"), add(out, l), normEps);
}

/** `norm(l + W2 · gelu(W1 · l))`, with the weights that queries have. */
function feedForward(
  { ffWidth, width, normEps }: QFormerConfig,
  scope: WeightScope,
  l: Tensor,
): Tensor {
  const up = scope.at("intermediate_query", "dense");
  const wide = linear(up, l, { outputs: ffWidth, hasBias: true });
  const active = gelu(wide, { approximate: "none" });
  const down = scope.at("output_query");
  const out = linear(down.at("dense"), active, {
    outputs: width,
    hasBias: true,
  });
  return norm(down.at("LayerNorm"), add(out, l), normEps);
}
