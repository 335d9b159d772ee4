/**
 * The shape rule of a convolution's derivatives.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { isSameShape, type Shape, showShape } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { type ConvWindow, inferConv } from "./conv_rule.ts";

/** The convolution whose derivative is taken. */
export interface DerivedConv {
  /** Its picture [b, h, w, i]. */
  readonly x: TensorType;
  /** Shape [kh, kw, i/groups, o] of its weight. */
  readonly weight: Shape;
  /** Its way over the picture. */
  readonly attrs: ConvWindow;
}

/** Refuses a gradient that is not of the shape of the convolution's result. */
export function checkGradientShape(
  op: string,
  grad: TensorType,
  { x, weight, attrs }: DerivedConv,
): void {
  const { shape } = inferConv(op, x, weight, attrs);
  if (isSameShape(shape, grad.shape)) return;
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} to a gradient of shape ${showShape(grad.shape)}: the ` +
      `convolution gives ${showShape(shape)}`,
    { op, expected: shape, actual: grad.shape },
  );
}
