/**
 * Places in files.
 *
 * @module
 */

import fc from "fast-check";

const STEPS = 2 ** 30;

/**
 * Numbers from 0 up to 1, all alike: a plain `fc.double` is mostly at its
 * ends, which would damage the first bytes of files and little else.
 */
export function anywhere(): fc.Arbitrary<number> {
  const step = fc.integer({ min: 0, max: STEPS - 1 });
  return fc.noBias(step).map((at) => at / STEPS);
}
