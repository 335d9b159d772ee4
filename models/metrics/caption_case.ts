/**
 * What metrics of captions compare.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** A text and the right ones, as words; see `ptbWords`. */
export interface CaptionCase {
  /** Words of the text that is judged. */
  readonly candidate: readonly string[];
  /** Words of each right text, one at least. */
  readonly references: readonly (readonly string[])[];
}

/** A metric over a corpus and for each of its texts. */
export interface CaptionScores {
  /** Of the whole corpus. */
  readonly score: number;
  /** Of each case, in order. */
  readonly each: readonly number[];
}

/**
 * Refuses cases that cannot be scored.
 *
 * @throws RookeryError `usage` without cases, or with a case without references.
 */
export function checkCases(
  metric: string,
  cases: readonly CaptionCase[],
): void {
  if (cases.length === 0) {
    throw new RookeryError(
      "usage",
      `Cannot compute ${metric} of nothing: give one case at least`,
      { expected: 1, actual: 0 },
    );
  }
  const i = cases.findIndex(({ references }) => references.length === 0);
  if (i < 0) return;
  throw new RookeryError(
    "usage",
    `Cannot compute ${metric}: case ${i} has no references; give one at least`,
    { expected: 1, actual: 0 },
  );
}
