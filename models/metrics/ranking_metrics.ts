/**
 * How well scores put positive examples above negative ones.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** An example's score and whether it is a positive one. */
export interface ScoredExample {
  /** Any finite number; higher means "more likely positive". */
  readonly score: number;
  /** Whether the example is of the class looked for. */
  readonly positive: boolean;
}

/**
 * Area under the ROC curve, 0 … 1: the share of pairs of a positive and a
 * negative example whose positive one scores higher; equal scores count half.
 * Equals scikit-learn's `roc_auc_score` of two classes.
 *
 * @throws RookeryError `usage` without a positive or without a negative
 * example, or where a score is not finite.
 */
export function rocAuc(examples: readonly ScoredExample[]): number {
  const positives = countPositives(examples, "ROC AUC");
  const negatives = examples.length - positives;
  if (negatives === 0) throw missing("ROC AUC", "negative", examples.length);
  let above = 0;
  let area = 0;
  for (const group of groupsOf(examples)) {
    area += group.negatives * (above + group.positives / 2);
    above += group.positives;
  }
  return area / (positives * negatives);
}

/**
 * Average precision, 0 … 1: the precision at each distinct score, weighted by
 * the recall it adds, without interpolation. Equals scikit-learn's
 * `average_precision_score`.
 *
 * @throws RookeryError `usage` without a positive example, or where a score
 * is not finite.
 */
export function averagePrecision(examples: readonly ScoredExample[]): number {
  const positives = countPositives(examples, "average precision");
  let found = 0;
  let seen = 0;
  let sum = 0;
  for (const group of groupsOf(examples)) {
    found += group.positives;
    seen += group.positives + group.negatives;
    sum += group.positives * found / seen;
  }
  return sum / positives;
}

interface Group {
  positives: number;
  negatives: number;
}

/** Counts of the examples of each distinct score, the highest score first. */
function groupsOf(examples: readonly ScoredExample[]): Iterable<Group> {
  const groups = new Map<number, Group>();
  for (const { score, positive } of examples.toSorted(descending)) {
    const group = groups.get(score) ?? { positives: 0, negatives: 0 };
    group[positive ? "positives" : "negatives"]++;
    groups.set(score, group);
  }
  return groups.values();
}

function descending(a: ScoredExample, b: ScoredExample): number {
  return b.score - a.score;
}

function countPositives(
  examples: readonly ScoredExample[],
  metric: string,
): number {
  const bad = examples.findIndex(({ score }) => !Number.isFinite(score));
  if (bad >= 0) {
    throw new RookeryError(
      "usage",
      `Cannot compute ${metric}: the score of example ${bad} is ` +
        `${examples[bad]!.score}, and scores must be finite. ` +
        "Look for NaN in what gave the scores.",
    );
  }
  const positives = examples.filter(({ positive }) => positive).length;
  if (positives === 0) throw missing(metric, "positive", examples.length);
  return positives;
}

function missing(metric: string, kind: string, count: number): RookeryError {
  return new RookeryError(
    "usage",
    `Cannot compute ${metric} of ${count} examples: none is ${kind}, and at ` +
      "least one must be. Give more examples or leave this class out.",
  );
}
