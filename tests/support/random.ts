/**
 * Seeded random numbers, so that a failing case can be had again.
 *
 * @module
 */

import {
  createHostArray,
  type DType,
  type HostArray,
  roundToDtype,
} from "../../core/dtype.ts";

/** A generator of numbers in [0, 1); the same seed gives the same numbers. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mixing steps of Tommy Ettinger's Mulberry32 (public domain).
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` values of a dtype, spread evenly over `[low, high)`. */
export function randomValues(
  random: () => number,
  dtype: DType,
  length: number,
  [low, high]: readonly [number, number],
): HostArray {
  const values = createHostArray(dtype, length);
  for (let i = 0; i < length; i++) values[i] = low + (high - low) * random();
  return roundToDtype(dtype, values);
}
