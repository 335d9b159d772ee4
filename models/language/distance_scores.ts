/**
 * What the distance between query and key adds to attention scores in
 * Transformer-XL (Dai et al., 2019, terms (b) and (d)), for `pagedAttention`.
 *
 * @module
 */

import { constant, type Tensor } from "../../core/tensor.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";

/** Base of the sinusoids' frequencies. */
const BASE = 10_000;

/**
 * A product with few rows goes through the weights as they lie, which costs
 * more a row; with so many times fewer rows than distances it is worth it.
 */
const ROWS_WORTH = 8;

/** Sizes of `sinusoidTable`. */
export interface SinusoidOptions {
  /** Distances, from 0. */
  readonly length: number;
  /** Width of a row, even. */
  readonly width: number;
}

/**
 * Sinusoids of distances: row t is `sin(t · w_i)` for all i and then
 * `cos(t · w_i)`, with `w_i = 10000^(−2i/d)`, i < d/2. f32 [length, d].
 */
export function sinusoidTable({ length, width }: SinusoidOptions): Tensor {
  const half = width / 2;
  const values = new Float32Array(length * width);
  for (let i = 0; i < half; i++) {
    const frequency = BASE ** (-2 * i / width);
    for (let t = 0; t < length; t++) {
      values[t * width + i] = Math.sin(t * frequency);
      values[t * width + half + i] = Math.cos(t * frequency);
    }
  }
  return constant({ dtype: "f32", shape: [length, width] }, values);
}

/** Options of `distanceScores`. */
export interface DistanceScoresOptions {
  /** Factor of the scores. */
  readonly scale: number;
}

/**
 * `scale · q · (weight_h · table[t])` for each head h and distance t: `q`
 * [b, l, h, k] (with the position bias added), `weight` [h·k, d], `table`
 * [D, d] → [b, l, h, D].
 *
 * Heads stand apart in a block-diagonal matrix X of the queries, so that the
 * scores are the product X · weight · tableᵀ. It is bracketed as is cheaper: a
 * prompt's rows share one `weight · tableᵀ`, and a step of a few rows never
 * makes it.
 */
export function distanceScores(
  q: Tensor,
  weight: Tensor,
  table: Tensor,
  { scale }: DistanceScoresOptions,
): Tensor {
  const [b, l, h, k] = q.shape as [number, number, number, number];
  const apart = mul(reshape(q, { shape: [b, l, 1, h, k] }), diagonal(h, scale));
  const x = reshape(apart, { shape: [b, l, h, h * k] });
  if (ROWS_WORTH * b * l * h < table.shape[0]!) {
    const read = matmul(x, weight); // [b, l, h, d]
    return matmul(read, table, { isTransposed: true });
  }
  const keys = matmul(table, weight, { isTransposed: true }); // [D, h·k]
  return matmul(x, keys, { isTransposed: true });
}

/** [h, h, 1], `value` where the first two indices are equal. */
function diagonal(h: number, value: number): Tensor {
  const values = new Float32Array(h * h);
  for (let i = 0; i < h; i++) values[i * h + i] = value;
  return constant({ dtype: "f32", shape: [h, h, 1] }, values);
}
