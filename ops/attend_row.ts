/**
 * The meaning of attention for one query, which all attention ops share.
 * Not an op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";

/** One query, what it sees, and where its result goes. */
export interface AttendRow {
  /** Queries. */
  readonly q: HostArray;
  /** Where the query starts in `q` and its result in `output`. */
  readonly base: number;
  /** Head dimension. */
  readonly width: number;
  /** First key it sees. */
  readonly low: number;
  /** Key after the last it sees. */
  readonly high: number;
  /** Whether it may look at a key of that range; at all when left out. */
  readonly isSeen?: (s: number) => boolean;
  /** Factor of the scores. */
  readonly scale: number;
  /** What is added to the score of key `s`; nothing when left out. */
  readonly bias?: ((s: number) => number) | undefined;
  /** Element `d` of key `s`. */
  readonly key: (s: number, d: number) => number;
  /** Element `d` of value `s`. */
  readonly value: (s: number, d: number) => number;
  /** Results. */
  readonly output: HostArray;
}

/** Key, score and weight of what a query sees. */
export interface SeenKey {
  /** Key. */
  readonly s: number;
  /** Its weight after the softmax. */
  readonly weight: number;
}

/** Weights of the keys that a query sees, in order. */
export function attendWeights(row: AttendRow): SeenKey[] {
  const { q, base, width, low, high, isSeen, scale, bias, key } = row;
  const scores: { s: number; score: number }[] = [];
  for (let s = low; s < high; s++) {
    if (isSeen && !isSeen(s)) continue;
    let dot = 0;
    for (let d = 0; d < width; d++) dot += q[base + d]! * key(s, d);
    scores.push({ s, score: dot * scale + (bias?.(s) ?? 0) });
  }
  const top = scores.reduce(
    (max, { score }) => Math.max(max, score),
    -Infinity,
  );
  const total = scores.reduce(
    (sum, { score }) => sum + Math.exp(score - top),
    0,
  );
  return scores.map(({ s, score }) => ({
    s,
    weight: Math.exp(score - top) / total,
  }));
}

/** `output = Σ softmax(scale · q·key + bias) · value`; zeros when nothing is seen. */
export function attendRow(row: AttendRow): void {
  const { base, width, value, output } = row;
  const seen = attendWeights(row);
  for (let d = 0; d < width; d++) {
    let sum = 0;
    for (const { s, weight } of seen) sum += weight * value(s, d);
    output[base + d] = sum;
  }
}
