/**
 * Axis numbers as ops take them: negative ones count from the end.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { type Shape, showShape } from "../core/shape.ts";

/** `axis` counted from the front; throws where the shape has no such axis. */
export function resolveAxis(op: string, shape: Shape, axis: number): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < shape.length) {
    return resolved;
  }
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} along axis ${axis} as the value's shape is ` +
      `${showShape(shape)}: choose an axis from ${-shape.length} to ` +
      `${shape.length - 1}`,
    { op, expected: shape.length, actual: axis },
  );
}
