/**
 * How well answers are ranked.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/**
 * 1 where fewer than `k` scores are above that of place `truth`, else 0: top-1
 * and top-5 accuracy of one picture.
 *
 * @throws RookeryError `usage` where `truth` is no place.
 */
export function topK(
  scores: readonly number[],
  truth: number,
  k: number,
): number {
  const own = scores[truth];
  if (own === undefined) {
    throw new RookeryError(
      "usage",
      `Cannot find place ${truth} among ${scores.length} scores: give one of ` +
        `0 … ${scores.length - 1}`,
      { expected: `0 … ${scores.length - 1}`, actual: truth },
    );
  }
  return scores.filter((score) => score > own).length < k ? 1 : 0;
}

/**
 * Normalised discounted cumulative gain, 0 … 1, of the answers to a question
 * of a visual dialogue: as many places count as answers are relevant
 * (Das et al. 2017, the challenge's rule). `relevance` ≥ 0, one for each score.
 *
 * @throws RookeryError `usage` where counts differ or nothing is relevant.
 */
export function ndcg(
  scores: readonly number[],
  relevance: readonly number[],
): number {
  const places = relevance.filter((value) => value > 0).length;
  if (places === 0 || scores.length !== relevance.length) {
    throw new RookeryError(
      "usage",
      `Cannot compute NDCG of ${scores.length} scores and ` +
        `${relevance.length} relevances, ${places} of them above 0: give one ` +
        "for each score and one above 0 at least",
      { expected: scores.length, actual: relevance.length },
    );
  }
  const order = relevance.map((value, i) => ({ value, score: scores[i]! }));
  const found = order.toSorted((a, b) => b.score - a.score);
  const best = order.toSorted((a, b) => b.value - a.value);
  return gainOf(found.slice(0, places)) / gainOf(best.slice(0, places));
}

function gainOf(order: readonly { readonly value: number }[]): number {
  return order.reduce((sum, { value }, i) => sum + value / Math.log2(i + 2), 0);
}
