/**
 * How well each of many classes is found, in one number.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { averagePrecision, type ScoredExample } from "./ranking_metrics.ts";

/**
 * Mean average precision, 0 … 1, and that of each class, in order; every class
 * counts the same. Equals scikit-learn's `average_precision_score` with
 * `average="macro"`.
 *
 * @throws RookeryError `usage` without classes, where a class has no positive
 * example, or where a score is not finite.
 */
export function meanAveragePrecision(
  classes: readonly (readonly ScoredExample[])[],
): { mean: number; each: number[] } {
  if (classes.length === 0) {
    throw new RookeryError(
      "usage",
      "Cannot compute mean average precision of 0 classes: give one at least",
      { expected: 1, actual: 0 },
    );
  }
  const each = classes.map((examples) => averagePrecision(examples));
  const mean = each.reduce((sum, value) => sum + value, 0) / each.length;
  return { mean, each };
}
