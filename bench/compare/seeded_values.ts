/**
 * Inputs that every runner makes for itself, and the part of a result that is
 * compared. Imports nothing, so that any JavaScript runtime can use it.
 *
 * @module
 */

/** Values in `[-1, 1)`, the same for the same seed everywhere. */
export function seededValues(
  length: number,
  seed: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    values[i] = ((h ^ (h >>> 15)) >>> 8) / 0x800000 - 1;
  }
  return values;
}

const SAMPLES = 64;

/** The first 64 values and 64 spread over all of them. */
export function sampleOf(values: ArrayLike<number>): number[] {
  const first = Math.min(SAMPLES, values.length);
  const stride = Math.max(1, Math.floor(values.length / SAMPLES));
  const spread = Math.min(SAMPLES, Math.floor(values.length / stride));
  return [
    ...Array.from({ length: first }, (_, i) => values[i]!),
    ...Array.from({ length: spread }, (_, i) => values[i * stride]!),
  ];
}

/** Largest difference of two samples over the largest value; NaN if they differ in length. */
export function differenceOf(
  a: readonly number[],
  b: readonly number[],
): number {
  if (a.length !== b.length) return NaN;
  const largest = Math.max(1e-30, ...a.map(Math.abs));
  return Math.max(0, ...a.map((value, i) => Math.abs(value - b[i]!))) / largest;
}
