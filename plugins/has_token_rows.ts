/**
 * Embeddings and heads, told by their sizes.
 *
 * @module
 */

import type { WeightNeed } from "../core/program.ts";

/** Whether a weight is a matrix with one row for each token of a part. */
export function hasTokenRows(
  { isPacked, shape }: WeightNeed,
  part: object | undefined,
): boolean {
  const vocabulary = part && "vocabulary" in part ? part.vocabulary : undefined;
  return isPacked && shape[0] === vocabulary;
}
