/**
 * Compares arrays of numbers element by element.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { HostArray } from "../../core/mod.ts";

/** What `assertClose` compares by. */
export interface Closeness {
  /** Scale of each element's error; 1 by default. */
  readonly scale?: HostArray;
  /** Most error in units of the scale. */
  readonly tolerance: number;
}

/** Compares all elements and names the worst one that is off. */
export function assertClose(
  label: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { scale, tolerance }: Closeness,
): void {
  assert.equal(actual.length, expected.length, `${label}: length`);
  let worst = -1, most = tolerance;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!, e = expected[i]!;
    if (Object.is(a, e) || a === e) continue;
    const unit = Math.max(scale?.[i] ?? 1, Number.MIN_VALUE);
    const error = Math.abs(a - e) / unit;
    // A NaN or an infinity on one side only is the worst there is.
    const size = Number.isFinite(error) ? error : Infinity;
    if (size > most) [worst, most] = [i, size];
  }
  if (worst < 0) return;
  assert.fail(
    `${label}: element ${worst} is ${actual[worst]}, not ${expected[worst]}: ` +
      `off by ${most} of its scale, allowed is ${tolerance}`,
  );
}
