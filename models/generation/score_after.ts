/**
 * How likely each of many texts is after one prompt.
 *
 * @module
 */

import type { Engine } from "./engine.ts";
import type { Chunk, Sequence } from "./sequence.ts";

/**
 * Log-likelihood of each list of targets after a sequence that goes on with
 * the one token of `last`. That token is fed once: its logits give every
 * list's first target, and the rest run side by side in copies of the past.
 */
export async function scoreAfter(
  engine: Engine,
  sequence: Sequence,
  last: Chunk,
  targets: readonly (readonly number[])[],
): Promise<number[]> {
  const first = logSoftmax(await engine.logits(sequence, last));
  const sums = targets.map((ids) => first[ids[0]!]!);
  const longer = [...targets.keys()].filter((i) => targets[i]!.length > 1);
  const forks: Sequence[] = [];
  try {
    for (const _ of longer) forks.push(await engine.fork(sequence));
    const scores = await engine.score(longer.map((which, i) => {
      const tokens = targets[which]!.slice(0, -1);
      const media = tokens.map(() => last.media[0]!);
      const chunk = { tokens, media };
      return {
        sequence: forks[i]!,
        chunk,
        targets: targets[which]!.slice(1),
      };
    }));
    scores.forEach((each, i) => {
      sums[longer[i]!]! += each.reduce((sum, value) => sum + value, 0);
    });
    return sums;
  } finally {
    for (const fork of forks) engine.close(fork);
  }
}

/** Logarithm of the chances that logits stand for, in f64. */
function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((top, value) => Math.max(top, value), -Infinity);
  const sum = logits.reduce(
    (total, value) => total + Math.exp(value - most),
    0,
  );
  const shift = most + Math.log(sum);
  return Float64Array.from(logits, (value) => value - shift);
}
