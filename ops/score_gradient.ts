/**
 * Gradient of attention's weights by queries and keys, from other ops. Heads
 * are folded into rows, so that each head of the keys is one matrix product.
 * Not an op.
 *
 * @module
 */

import type { Tensor } from "../core/tensor.ts";
import type { AttentionAttrs } from "./attention_rule.ts";
import { matmul } from "./matmul.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { scalar } from "./scalar.ts";
import { sub } from "./sub.ts";
import { sumTo } from "./sum_to.ts";
import { transpose } from "./transpose.ts";

/** What the gradient is made from. */
export interface ScoreGradient {
  /** Weights, [b, h, l, s]. */
  readonly weights: Tensor;
  /** Gradient of the loss by the weights. */
  readonly grad: Tensor;
  /** Queries [b, l, h, k]. */
  readonly q: Tensor;
  /** Keys [b, s, g, k]. */
  readonly k: Tensor;
  /** Attributes of the attention. */
  readonly attrs: AttentionAttrs;
}

/** [b, x, y, k] to [b, y, x, k]. */
function swapped(x: Tensor): Tensor {
  return transpose(x, { permutation: [0, 2, 1, 3] });
}

/** [b, l, h, k] to [b, g, (h/g)·l, k]: the rows that read each key head. */
export function foldHeads(x: Tensor, groups: number): Tensor {
  const [b, l, h, k] = x.shape as [number, number, number, number];
  return reshape(swapped(x), { shape: [b, groups, h / groups * l, k] });
}

/** [b, h, l, s] to [b, g, (h/g)·l, s]. */
export function foldWeights(x: Tensor, groups: number): Tensor {
  const [b, h, l, s] = x.shape as [number, number, number, number];
  return reshape(x, { shape: [b, groups, h / groups * l, s] });
}

/** [b, x, y, k] of a folded value with its last two axes swapped. */
export function turned(x: Tensor): Tensor {
  return transpose(x, { permutation: [0, 1, 3, 2] });
}

/** [b, g, s, k] to [b, s, g, k]. */
export function unfoldKeys(x: Tensor): Tensor {
  return swapped(x);
}

/**
 * Gradients by queries and keys: `dS = scale · P ∘ (dP − Σ dP ∘ P)`,
 * `dq = dS k`, `dk = dSᵀ q`.
 */
export function scoreGradient(
  { weights, grad, q, k, attrs }: ScoreGradient,
): [q: Tensor, k: Tensor] {
  const groups = k.shape[2]!;
  const shape = [...weights.shape.slice(0, -1), 1];
  const mean = sumTo(mul(grad, weights), { shape });
  const byScore = mul(mul(sub(grad, mean), weights), scalar(attrs.scale));
  const folded = foldWeights(byScore, groups);
  const [b, l, h, width] = q.shape as [number, number, number, number];
  const byQ = matmul(folded, swapped(k));
  const byK = matmul(turned(folded), foldHeads(q, groups));
  return [
    swapped(reshape(byQ, { shape: [b, h, l, width] })),
    unfoldKeys(byK),
  ];
}
