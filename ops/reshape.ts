/**
 * The same elements under another shape; costs nothing.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";

/** Attributes of `reshape`. */
export interface ReshapeAttrs {
  /** Shape of the result; one size may be −1 and is then worked out. */
  readonly shape: Shape;
}

/** `x` in row-major order as `shape`; any dtype. A view: no copy is made. */
export const reshape: Op<ReshapeAttrs, [x: Tensor]> = defineOp<
  ReshapeAttrs,
  [x: Tensor]
>({
  name: "reshape",
  isView: true,
  infer: ([x], { shape }) => ({
    dtype: x!.dtype,
    shape: resolveShape(x!.shape, shape),
  }),
  cpu({ inputs: [x], output }) {
    output.set(x!);
  },
  kernels: () => ({ kernels: [] }),
  gradient: ({ grad, inputs: [x] }) => [reshape(grad, { shape: x.shape })],
  cost: () => ({ flops: 0, bytes: 0 }),
});

function resolveShape(from: Shape, to: Shape): number[] {
  const size = sizeOf(from);
  const known = sizeOf(to.filter((n) => n !== -1));
  const shape = to.map((n) => n === -1 ? size / known : n);
  const isFit = to.filter((n) => n === -1).length <= 1 &&
    shape.every((n) => Number.isInteger(n) && n >= 0) && sizeOf(shape) === size;
  if (isFit) return shape;
  throw new RookeryError(
    "shape",
    `Cannot apply reshape to ${showShape(from)} as ${showShape(to)} does not ` +
      `hold ${size} elements: keep the product of sizes, or give one as -1`,
    { op: "reshape", expected: from, actual: to },
  );
}
