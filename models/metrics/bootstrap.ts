/**
 * How sure a mean is: the percentile bootstrap.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { MersenneTwister } from "../../core/mersenne_twister.ts";

const RESAMPLES = 1000;

/** A mean and the interval that holds it with 95 %. */
export interface Estimate {
  /** Mean of the values. */
  readonly mean: number;
  /** 2.5th percentile of the resampled means. */
  readonly low: number;
  /** 97.5th percentile of the resampled means. */
  readonly high: number;
  /** How many values there were. */
  readonly n: number;
}

/** Mean of values with its interval; equal values give equal intervals. */
export function estimateMean(
  values: readonly number[],
  seed: number = 0,
): Estimate {
  const n = values.length;
  if (n === 0) {
    throw new RookeryError(
      "usage",
      "Cannot estimate a mean of 0 values: give at least one",
    );
  }
  const random = new MersenneTwister(seed);
  const means = new Float64Array(RESAMPLES);
  for (let k = 0; k < RESAMPLES; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[random.below(n)]!;
    means[k] = sum / n;
  }
  means.sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return {
    mean,
    low: percentile(means, 0.025),
    high: percentile(means, 0.975),
    n,
  };
}

/** Value at a share of sorted values, linear between neighbours. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  const [low, high] = [sorted[below]!, sorted[above]!];
  return low + (high - low) * (at - below);
}
