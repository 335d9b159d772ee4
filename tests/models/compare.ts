/**
 * Small helps of the model tests.
 *
 * @module
 */

import type { Chunk } from "../../models/generation/sequence.ts";

/** A chunk of text; `media` tells how many pictures came up to each token. */
export function chunkOf(
  tokens: readonly number[],
  media: readonly number[] = tokens.map(() => 0),
): Chunk {
  return { tokens, media };
}

/** Largest difference of two lists of the same length. */
export function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

/** Index of the largest of some numbers; the first where several are. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/** Standard deviation of some numbers. */
export function deviation(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  return Math.sqrt(squares / values.length);
}
