/**
 * What a strategy is that chooses demonstrations of a pool for a query.
 *
 * @module
 */

import { RookeryError } from "../../../core/errors.ts";
import type { Query, Shot } from "../shot.ts";

/** A shot that was chosen. */
export interface ChosenShot {
  /** The shot. */
  readonly shot: Shot;
  /** Its place in the pool. */
  readonly place: number;
  /** Cosine with the query's picture, where the strategy knows it. */
  readonly similarity?: number;
}

/** What is to be chosen. */
export interface SelectionRequest {
  /** What is asked; strategies that look at no picture need none. */
  readonly query?: Query;
  /** How many shots. */
  readonly count: number;
  /** Seed of what is left to chance, 0 … 2³² − 1. Default 0. */
  readonly seed?: number;
  /** Places of the pool that may be chosen. Default all. */
  readonly among?: readonly number[];
}

/** A strategy. */
export interface Selection {
  /** Its name at the shell and in reports. */
  readonly name: string;
  /** Whether its choice depends on the query. */
  readonly readsQuery: boolean;
  /**
   * Chooses so many different shots.
   *
   * @throws {RookeryError} `prompt` where there are too few to choose from
   */
  choose(
    pool: readonly Shot[],
    request: SelectionRequest,
  ): Promise<readonly ChosenShot[]>;
}

/** Text that a shot teaches: its caption, label or answer. */
export function outputOf(shot: Shot): string {
  return ("question" in shot ? shot.answer : shot.text).trim();
}

/**
 * Places that a request may choose from, which must be enough.
 *
 * @param whose what the places are of, for messages
 */
export function placesFor(
  pool: readonly Shot[],
  { count, among = [...pool.keys()] }: SelectionRequest,
  whose: string = "the pool",
): readonly number[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new RookeryError(
      "usage",
      `Cannot choose ${count} demonstrations: give a whole number from 0`,
      { actual: count },
    );
  }
  if (count <= among.length) return among;
  throw new RookeryError(
    "prompt",
    `Cannot choose ${count} demonstrations of ${whose} as it has ` +
      `${among.length}: ask for fewer, or add pictures`,
    { expected: among.length, actual: count },
  );
}
