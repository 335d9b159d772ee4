/**
 * Reorders axes.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { type Shape, showShape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { stridedIndex, type StridedView, writeStrided } from "./strided.ts";

/** Attributes of `transpose`. */
export interface TransposeAttrs {
  /** Axis of the operand that becomes each axis of the result. */
  readonly permutation: readonly number[];
}

/**
 * Axis `i` of the result is axis `permutation[i]` of `x`: [0, 2, 1, 3] swaps
 * the middle axes of four. Any dtype.
 */
export const transpose: Op<TransposeAttrs, [x: Tensor]> = defineOp<
  TransposeAttrs,
  [x: Tensor]
>({
  name: "transpose",
  infer([x], { permutation }) {
    const { dtype, shape } = x!;
    checkPermutation(permutation, shape);
    return { dtype, shape: permutation.map((axis) => shape[axis]!) };
  },
  cpu({ inputs, types, attrs, output, outputType }) {
    const view = viewOf(types[0]!.shape, attrs);
    const index = stridedIndex(outputType.shape, view);
    for (let i = 0; i < output.length; i++) output[i] = inputs[0]![index(i)]!;
  },
  kernels: ({ inputs, output, attrs, profile }) => ({
    kernels: [writeStrided({
      name: "transpose",
      shape: output.type.shape,
      operands: [viewOf(inputs[0]!.type.shape, attrs)],
      value: "a",
      isVector: true,
    }, profile)],
  }),
  gradient({ grad, attrs: { permutation } }) {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(grad, { permutation: inverse })];
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
});

function viewOf(from: Shape, { permutation }: TransposeAttrs): StridedView {
  const strides = stridesOf(from);
  return { steps: permutation.map((axis) => strides[axis]!) };
}

function checkPermutation(permutation: readonly number[], shape: Shape): void {
  const isFit = permutation.length === shape.length &&
    shape.every((_, axis) => permutation.includes(axis));
  if (isFit) return;
  throw new RookeryError(
    "shape",
    `Cannot apply transpose with permutation ${showShape(permutation)} to ` +
      `${showShape(shape)}: name each of its ${shape.length} axes once`,
    { op: "transpose", expected: shape.length, actual: permutation },
  );
}
