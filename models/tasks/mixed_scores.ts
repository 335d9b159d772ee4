/**
 * Two opinions on the same labels in one: a language model's likelihoods and
 * cosines of pictures.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** How two opinions are mixed. */
export interface Mix {
  /** Share of the cosines, 0 … 1; the rest is the likelihoods'. */
  readonly weight: number;
  /** What cosines are multiplied by before they become chances. */
  readonly scale: number;
}

/** A case whose answer is known. */
export interface MixCase {
  /** Log-likelihood of each label. */
  readonly likelihoods: readonly number[];
  /** Cosine with each label's prototype. */
  readonly cosines: readonly number[];
  /** Place of the right label. */
  readonly answer: number;
}

/** A mix with how it did on the cases that it was chosen by. */
export interface ChosenMix extends Mix {
  /** Mean negative log-likelihood of the right labels. */
  readonly loss: number;
  /** Cases that it was chosen by. */
  readonly cases: number;
  /** Share of cases that each opinion gets right, and the mix. */
  readonly accuracy: {
    readonly prompt: number;
    readonly prototypes: number;
    readonly both: number;
  };
}

const WEIGHTS = Array.from({ length: 11 }, (_, i) => i / 10);
const SCALES = [1, 2, 5, 10, 20, 50, 100];

/**
 * Scores of labels: `(1 − weight) · log softmax(likelihoods) + weight · log
 * softmax(scale · cosines)`.
 */
export function mixScores(
  { likelihoods, cosines }: Omit<MixCase, "answer">,
  { weight, scale }: Mix,
): number[] {
  const prompt = logSoftmax(likelihoods);
  const prototypes = logSoftmax(cosines.map((cosine) => scale * cosine));
  return prompt.map((value, i) =>
    (1 - weight) * value + weight * prototypes[i]!
  );
}

/**
 * The mix that makes known answers likeliest, of weights in tenths and scales
 * 1 … 100; the first of equals, so that likelihoods alone win where cosines do
 * not help. Cases must not have seen their own answers: leave each one out of
 * what it is scored by.
 *
 * @throws {RookeryError} `prompt` for no cases
 */
export function chooseMix(cases: readonly MixCase[]): ChosenMix {
  if (cases.length === 0) {
    throw new RookeryError(
      "prompt",
      "Cannot choose a weight without a case whose answer is known: give at " +
        "least two demonstrations of a class",
    );
  }
  let best = { weight: 0, scale: 1, loss: Infinity };
  for (const weight of WEIGHTS) {
    for (const scale of SCALES) {
      const loss = lossOf(cases, { weight, scale });
      if (loss < best.loss - 1e-12) best = { weight, scale, loss };
    }
  }
  const accuracyOf = (mix: Mix) =>
    cases.filter((one) => argmax(mixScores(one, mix)) === one.answer).length /
    cases.length;
  return {
    ...best,
    cases: cases.length,
    accuracy: {
      prompt: accuracyOf({ ...best, weight: 0 }),
      prototypes: accuracyOf({ ...best, weight: 1 }),
      both: accuracyOf(best),
    },
  };
}

/** Mean negative log-likelihood of answers, mixes being chances again. */
function lossOf(cases: readonly MixCase[], mix: Mix): number {
  const sum = cases.reduce(
    (all, one) => all - logSoftmax(mixScores(one, mix))[one.answer]!,
    0,
  );
  return sum / cases.length;
}

/** Place of the greatest value, the first of equals. */
export function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** Logarithms of the chances that scores stand for. */
export function logSoftmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const sum = values.reduce((all, value) => all + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(sum));
}
