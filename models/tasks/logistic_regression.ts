/**
 * Multinomial logistic regression on vectors: the small head that is trained
 * where prompts are not enough. Equals scikit-learn's `LogisticRegression` for
 * three and more classes; two classes are two here, which is its result with
 * half of the strength.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { MersenneTwister } from "../../core/mersenne_twister.ts";
import { shuffled } from "./demonstrations/shuffle.ts";
import { minimise } from "./minimise.ts";
import { argmax, logSoftmax } from "./mixed_scores.ts";
import type { LabelledVectors } from "./prototypes.ts";

/** How a head is trained. */
export interface LogisticOptions {
  /**
   * How much errors count against the size of the weights, scikit-learn's `C`.
   * Default 1.
   */
  readonly strength?: number;
  /**
   * Largest part of the gradient at the end, a vector's share of it; as
   * scikit-learn's `tol`. Default 1e-4.
   */
  readonly tolerance?: number;
}

/** A trained head. */
export interface LogisticHead {
  /** Its classes, in the order of scores. */
  readonly classes: readonly string[];
  /** Weights [c, d]. */
  readonly weights: Float64Array;
  /** Offsets [c], not held small. */
  readonly offsets: Float64Array;
  /** Steps of the search. */
  readonly steps: number;
}

/** Strengths that `chooseStrength` tries, the weakest first. */
const STRENGTHS = [1, 10, 100, 1000, 10_000];
const FOLDS = 5;

/**
 * Trains a head: the minimum of `strength · Σ −log softmax(W x + b)[label] +
 * ½ ‖W‖²`.
 *
 * @throws {RookeryError} `prompt` for vectors of fewer than two classes
 */
export function fitLogisticHead(
  { vectors, labels }: LabelledVectors,
  { strength = 1, tolerance = 1e-4 }: LogisticOptions = {},
): LogisticHead {
  const classes = [...new Set(labels)].sort();
  if (classes.length < 2) {
    throw new RookeryError(
      "prompt",
      `Cannot train a head for ${classes.length} classes: give pictures of ` +
        "at least 2",
      { actual: classes },
    );
  }
  const d = vectors[0]!.length, c = classes.length;
  // Around their mean the search is shorter, and the minimum is the same.
  const mean = meanOf(vectors);
  const rows = vectors.map((vector) =>
    Float64Array.from(vector, (value, i) => value - mean[i]!)
  );
  const places = labels.map((label) => classes.indexOf(label));
  const evaluate = lossOf(rows, places, { c, d, strength });
  const { x, steps } = minimise(evaluate, new Float64Array(c * (d + 1)), {
    tolerance: tolerance * strength * rows.length,
  });
  const weights = x.slice(0, c * d), offsets = x.slice(c * d);
  for (let k = 0; k < c; k++) {
    for (let i = 0; i < d; i++) offsets[k]! -= weights[k * d + i]! * mean[i]!;
  }
  return { classes, weights, offsets, steps };
}

/** Logarithms of the chances of a head's classes. */
export function scoreByHead(
  { classes, weights, offsets }: LogisticHead,
  vector: Float32Array,
): number[] {
  const d = vector.length;
  return logSoftmax(classes.map((_, k) => {
    let sum = offsets[k]!;
    for (let i = 0; i < d; i++) sum += weights[k * d + i]! * vector[i]!;
    return sum;
  }));
}

/** The likeliest class of a vector. */
export function predictByHead(
  head: LogisticHead,
  vector: Float32Array,
): string {
  return head.classes[argmax(scoreByHead(head, vector))]!;
}

/**
 * The strength, of powers of ten from 1 to 10,000, whose heads are right most
 * often on the fifth of the vectors that they have not seen; the weakest of
 * equals. 1 where a class has a single vector, which cannot be left out.
 */
export function chooseStrength(
  given: LabelledVectors,
  seed: number = 0,
): number {
  const { vectors, labels } = given;
  const counts = Map.groupBy(labels.keys(), (i) => labels[i]!);
  if ([...counts.values()].some(({ length }) => length < 2)) return 1;
  const random = new MersenneTwister(seed);
  // Dealt class by class, so that every fold has of each what there is.
  const order = [...counts.values()].flatMap((own) => shuffled(own, random));
  const folds = Math.min(FOLDS, order.length);
  let best = { strength: STRENGTHS[0]!, right: -1 };
  for (const strength of STRENGTHS) {
    let right = 0;
    for (let fold = 0; fold < folds; fold++) {
      const kept = order.filter((_, i) => i % folds !== fold);
      const head = fitLogisticHead({
        vectors: kept.map((i) => vectors[i]!),
        labels: kept.map((i) => labels[i]!),
      }, { strength });
      right += order.filter((i, at) =>
        at % folds === fold && predictByHead(head, vectors[i]!) === labels[i]
      ).length;
    }
    if (right > best.right) best = { strength, right };
  }
  return best.strength;
}

/** The function that is minimised, of weights [c, d] and offsets [c]. */
function lossOf(
  rows: readonly Float64Array[],
  places: readonly number[],
  { c, d, strength }: {
    readonly c: number;
    readonly d: number;
    readonly strength: number;
  },
) {
  return (x: Float64Array) => {
    const gradient = new Float64Array(x.length);
    let value = 0;
    for (let i = 0; i < c * d; i++) {
      value += x[i]! ** 2 / 2;
      gradient[i] = x[i]!;
    }
    const logits = new Array<number>(c);
    for (let row = 0; row < rows.length; row++) {
      const vector = rows[row]!;
      for (let k = 0; k < c; k++) {
        let sum = x[c * d + k]!;
        for (let i = 0; i < d; i++) sum += x[k * d + i]! * vector[i]!;
        logits[k] = sum;
      }
      const chances = logSoftmax(logits);
      value -= strength * chances[places[row]!]!;
      for (let k = 0; k < c; k++) {
        const error = strength *
          (Math.exp(chances[k]!) - (k === places[row] ? 1 : 0));
        for (let i = 0; i < d; i++) gradient[k * d + i]! += error * vector[i]!;
        gradient[c * d + k]! += error;
      }
    }
    return { value, gradient };
  };
}

function meanOf(vectors: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) {
    vector.forEach((value, i) => mean[i]! += value / vectors.length);
  }
  return mean;
}
