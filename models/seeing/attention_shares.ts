/**
 * Attention weights as plain numbers, from queries and keys that were read off
 * a model.
 *
 * @module
 */

import type { NamedValue } from "../generation/observer.ts";

/** Weights of attention [h, l, s]; each row sums to 1. */
export interface AttentionShares {
  /** Heads, h. */
  readonly heads: number;
  /** Queries, l. */
  readonly queries: number;
  /** Keys, s. */
  readonly keys: number;
  /** The weights, row-major. */
  readonly values: Float64Array;
}

/**
 * `softmax(q · k / √width)` over all keys: `query` [.., l, h, k], `keys` each
 * [.., s, g, k], one list after the other; axes before are of size 1.
 */
export function attentionShares(
  query: NamedValue,
  keys: readonly NamedValue[],
): AttentionShares {
  const [l, h, k] = query.shape.slice(-3) as [number, number, number];
  const counts = keys.map(({ shape }) => shape.at(-3)!);
  const s = counts.reduce((sum, count) => sum + count, 0);
  const values = new Float64Array(h * l * s);
  for (let head = 0; head < h; head++) {
    for (let i = 0; i < l; i++) {
      const row = values.subarray((head * l + i) * s, (head * l + i + 1) * s);
      const from = (i * h + head) * k;
      const q = query.values.subarray(from, from + k);
      let at = 0;
      keys.forEach((key, part) => {
        const groups = key.shape.at(-2)!;
        const group = Math.floor(head * groups / h);
        for (let j = 0; j < counts[part]!; j++) {
          const base = (j * groups + group) * k;
          let score = 0;
          for (let d = 0; d < k; d++) score += q[d]! * key.values[base + d]!;
          row[at++] = score / Math.sqrt(k);
        }
      });
      softmax(row);
    }
  }
  return { heads: h, queries: l, keys: s, values };
}

/** Mean over some heads, all by default: [l, s]. */
export function meanOverHeads(
  { heads, queries, keys, values }: AttentionShares,
  chosen: readonly number[] = Array.from({ length: heads }, (_, i) => i),
): Float64Array {
  const mean = new Float64Array(queries * keys);
  for (const head of chosen) {
    const from = head * mean.length;
    for (let i = 0; i < mean.length; i++) {
      mean[i]! += values[from + i]! / chosen.length;
    }
  }
  return mean;
}

function softmax(row: Float64Array): void {
  const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i]! - top);
  for (let i = 0; i < row.length; i++) row[i]! /= sum;
}
