/**
 * Attention of a Perceiver Resampler's latents over features and latents
 * together.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { attention } from "../../ops/attention.ts";
import { concat } from "../../ops/concat.ts";
import { slice } from "../../ops/slice.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { PerceiverNames } from "./perceiver_dialects.ts";

/** Sizes and choices of the attention. */
export interface PerceiverAttentionConfig {
  /** Attention heads. */
  readonly heads: number;
  /** Width of a head. */
  readonly headDim: number;
  /** Whether each head's queries and keys pass layer norms of their own. */
  readonly hasQkNorms: boolean;
  /** Names of the weights. */
  readonly names: PerceiverNames;
}

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/**
 * `features` [b, s, d] and `latents` [b, r, d] → [b, r, d]. Queries and keys are
 * named by the layer, for those who want to see what is read.
 */
export function perceiverAttention(
  scope: WeightScope,
  features: Tensor,
  latents: Tensor,
  config: PerceiverAttentionConfig & { readonly layer: number },
): Tensor {
  const { heads, headDim, names, hasQkNorms } = config;
  const x = norm(scope.at(names.normFeatures), features, NORM_EPS);
  const l = norm(scope.at(names.normLatents), latents, NORM_EPS);
  const outputs = heads * headDim;
  let q = splitHeads(linear(scope.at(names.q), l, { outputs }), heads);
  const both = concat(x, l, { axis: 1 }); // [b, s + r, d]
  let [k, v] = keysAndValues(scope, both, config);
  if (hasQkNorms && names.qkNorms) {
    q = norm(scope.at(names.qkNorms[0]), q, NORM_EPS);
    k = norm(scope.at(names.qkNorms[1]), k, NORM_EPS);
  }
  q = named(q, `reads.${config.layer}.query`);
  k = named(k, `reads.${config.layer}.both`);
  const scale = 1 / Math.sqrt(headDim);
  const read = attention(q, k, v, { scale, isCausal: false });
  const width = latents.shape.at(-1)!;
  return linear(scope.at(names.out), joinHeads(read), { outputs: width });
}

/** Keys and values [b, s, h, k] of x [b, s, d], by one weight or by two. */
function keysAndValues(
  scope: WeightScope,
  x: Tensor,
  { heads, headDim, names }: PerceiverAttentionConfig,
): [k: Tensor, v: Tensor] {
  const inner = heads * headDim;
  const [first, second] = names.kv;
  if (second !== undefined) {
    const k = linear(scope.at(first), x, { outputs: inner });
    const v = linear(scope.at(second), x, { outputs: inner });
    return [splitHeads(k, heads), splitHeads(v, heads)];
  }
  const kv = linear(scope.at(first), x, { outputs: 2 * inner });
  const k = slice(kv, { axis: 2, start: 0, end: inner });
  const v = slice(kv, { axis: 2, start: inner, end: 2 * inner });
  return [splitHeads(k, heads), splitHeads(v, heads)];
}
