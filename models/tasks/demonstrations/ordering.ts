/**
 * In which order chosen demonstrations stand in a prompt.
 *
 * @module
 */

import { RookeryError } from "../../../core/errors.ts";
import { MersenneTwister } from "../../../core/mersenne_twister.ts";
import type { ChosenShot } from "./selection.ts";
import { shuffled } from "./shuffle.ts";

/** Orders by name. */
export const ORDERINGS = [
  "given",
  "similar-last",
  "similar-first",
  "random",
  "reversed",
] as const;

/** Name of an order. */
export type Ordering = (typeof ORDERINGS)[number];

/**
 * Shots in an order: `given` as the strategy chose them, `reversed` the other
 * way round, `random` by lot, `similar-last` and `similar-first` by similarity
 * with the query (Flamingo puts the most similar last); equal ones stay as they
 * were.
 *
 * @throws {RookeryError} `usage` for an order by similarity of shots whose
 * similarity nobody knows
 */
export function orderShots(
  chosen: readonly ChosenShot[],
  ordering: Ordering,
  seed: number = 0,
): ChosenShot[] {
  switch (ordering) {
    case "given":
      return [...chosen];
    case "reversed":
      return chosen.toReversed();
    case "random":
      return shuffled(chosen, new MersenneTwister(seed));
    case "similar-last":
      return chosen.toSorted((a, b) => similarity(a) - similarity(b));
    case "similar-first":
      return chosen.toSorted((a, b) => similarity(b) - similarity(a));
  }
}

function similarity({ similarity }: ChosenShot): number {
  if (similarity !== undefined) return similarity;
  throw new RookeryError(
    "usage",
    "Cannot order demonstrations by similarity as they were chosen without " +
      'looking at pictures: choose them by "rices", or use another order',
  );
}
