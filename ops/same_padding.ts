/**
 * TensorFlow's "SAME" padding.
 *
 * @module
 */

/**
 * Zeros before and after an axis of `size` so that a window of `kernel` moved
 * by `stride` gives `ceil(size / stride)` results; an odd one goes to the end.
 */
export function samePadding(
  size: number,
  kernel: number,
  stride: number,
): [before: number, after: number] {
  const results = Math.ceil(size / stride);
  const total = Math.max(0, (results - 1) * stride + kernel - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
