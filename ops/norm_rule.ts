/**
 * The shape rule that norms over the last axis share.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { bindAxes, isSameShape, showShape } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";

/**
 * Type of a norm's result: that of `x` [.., d]. Further operands are [d], at
 * most `most` operands in all; `eps` must not be negative.
 */
export function inferNorm(
  op: string,
  types: readonly TensorType[],
  eps: number,
  most: number,
): TensorType {
  const [x, ...factors] = types;
  const { dtype, shape } = checkFloat(op, x!);
  if (shape.length === 0 || factors.length >= most) {
    throw new RookeryError(
      "shape",
      `Cannot apply ${op} to ${types.length} operands, the first of shape ` +
        `${showShape(shape)}: give [.., d] and at most ${most - 1} of [d]`,
      { op, actual: shape },
    );
  }
  if (!(eps >= 0)) {
    throw new RookeryError(
      "config",
      `Cannot apply ${op} with eps ${eps}: it must be 0 or more`,
      { op, expected: "0 or more", actual: eps },
    );
  }
  for (const factor of factors) {
    checkFloat(op, factor);
    bindAxes(op, factor.shape, "d", { d: shape.at(-1)! });
  }
  return { dtype, shape };
}

/** Refuses a pair of values that must have one shape; returns the second's type. */
export function inferPair(
  op: string,
  [a, b]: readonly TensorType[],
): TensorType {
  const { dtype, shape } = checkFloat(op, b!);
  checkFloat(op, a!);
  if (isSameShape(a!.shape, shape) && shape.length > 0) return { dtype, shape };
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} to ${showShape(a!.shape)} and ${showShape(shape)}: ` +
      "both must be the same and have an axis at least",
    { op, expected: a!.shape, actual: shape },
  );
}
