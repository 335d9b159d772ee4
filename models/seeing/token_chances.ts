/**
 * A token's chance among all others.
 *
 * @module
 */

import type { TokenChance } from "../../ops/top_entries.ts";

/** A token's chance, and who else might have come. */
export interface TokenChances {
  /** Natural logarithm of the token's chance. */
  readonly logprob: number;
  /** The likeliest others, the best first. */
  readonly runnersUp: readonly TokenChance[];
}

/** Chances that logits [v] stand for, summed in f64. */
export function tokenChances(
  logits: Float32Array,
  token: number,
  count: number,
): TokenChances {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logits.reduce((all, value) => all + Math.exp(value - top), 0);
  const shift = top + Math.log(sum);
  const best: number[] = [];
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (id === token) continue;
    const last = best.at(-1);
    if (best.length === count && logits[id]! <= logits[last!]!) continue;
    const at = best.findIndex((other) => logits[other]! < logits[id]!);
    best.splice(at < 0 ? best.length : at, 0, id);
    if (best.length > count) best.pop();
  }
  return {
    logprob: logits[token]! - shift,
    runnersUp: best.map((id) => ({ token: id, logprob: logits[id]! - shift })),
  };
}
