/**
 * Gradient of attention from other ops. The weights are made again and
 * stored, [b, h, l, s]: simple, and fit for the short sequences of training.
 * Not an op.
 *
 * @module
 */

import type { Tensor } from "../core/tensor.ts";
import type { AttentionAttrs } from "./attention_rule.ts";
import { attentionWeights } from "./attention_weights.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import {
  foldHeads,
  foldWeights,
  scoreGradient,
  turned,
  unfoldKeys,
} from "./score_gradient.ts";
import { transpose } from "./transpose.ts";

/** What the gradient is made from. */
export interface AttentionGradient {
  /** Gradient of the loss by the result, [b, l, h, k]. */
  readonly grad: Tensor;
  /** Queries [b, l, h, k]. */
  readonly q: Tensor;
  /** Keys [b, s, g, k]. */
  readonly k: Tensor;
  /** Values [b, s, g, k]. */
  readonly v: Tensor;
  /** Mask u32 [b, l, s], if any. */
  readonly mask: Tensor | undefined;
  /** Attributes of the attention. */
  readonly attrs: AttentionAttrs;
}

/** Gradients by queries, keys and values; `null` for a mask. */
export function attentionGradient(
  { grad, q, k, v, mask, attrs }: AttentionGradient,
): (Tensor | null)[] {
  const groups = k.shape[2]!;
  const weights = mask
    ? attentionWeights(q, k, mask, attrs)
    : attentionWeights(q, k, attrs);
  const rows = foldHeads(grad, groups);
  const values = transpose(v, { permutation: [0, 2, 1, 3] });
  const byWeights = reshape(matmul(rows, values, { isTransposed: true }), {
    shape: weights.shape,
  });
  const [byQ, byK] = scoreGradient({ weights, grad: byWeights, q, k, attrs });
  const byV = unfoldKeys(matmul(turned(foldWeights(weights, groups)), rows));
  return mask ? [byQ, byK, byV, null] : [byQ, byK, byV];
}
