/**
 * Joins values along an axis.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { type Shape, showShape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import { resolveAxis } from "./axis.ts";
import { slice } from "./slice.ts";
import { stridedIndex, type StridedView, writeStrided } from "./strided.ts";

/** Attributes of `concat`. */
export interface ConcatAttrs {
  /** Axis along which values are joined; −1 is the last. */
  readonly axis: number;
}

/**
 * Operands one after the other along `axis`. Two or more operands of one
 * dtype, with equal sizes along all other axes.
 */
export const concat: Op<
  ConcatAttrs,
  [first: Tensor, second: Tensor, ...more: Tensor[]]
> = defineOp<
  ConcatAttrs,
  [first: Tensor, second: Tensor, ...more: Tensor[]]
>({
  name: "concat",
  infer: inferConcat,
  cpu({ inputs, types, attrs, output, outputType }) {
    const places = placesOf(types, outputType.shape, attrs);
    inputs.forEach((x, n) => {
      const index = stridedIndex(types[n]!.shape, places[n]!);
      for (let i = 0; i < x.length; i++) output[index(i)] = x[i]!;
    });
  },
  kernels({ inputs, output, attrs, profile }) {
    const types = inputs.map(({ type }) => type);
    const places = placesOf(types, output.type.shape, attrs);
    return {
      kernels: types.map(({ shape }, of) =>
        writeStrided({
          name: "concat",
          shape,
          operands: [{ of, steps: stridesOf(shape) }],
          result: places[of]!,
          value: "a",
          isVector: true,
        }, profile)
      ),
    };
  },
  gradient({ grad, inputs, attrs }) {
    const axis = resolveAxis("concat", grad.shape, attrs.axis);
    let start = 0;
    return inputs.map(({ shape }) => {
      const end = start + shape[axis]!;
      const part = slice(grad, { axis, start, end });
      start = end;
      return part;
    });
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
});

function inferConcat(
  types: readonly TensorType[],
  attrs: ConcatAttrs,
): TensorType {
  const { dtype, shape: first } = types[0]!;
  const axis = resolveAxis("concat", first, attrs.axis);
  let size = 0;
  for (const { dtype: own, shape } of types) {
    const isFit = own === dtype && shape.length === first.length &&
      shape.every((n, i) => i === axis || n === first[i]);
    if (!isFit) {
      throw new RookeryError(
        own === dtype ? "shape" : "dtype",
        `Cannot apply concat along axis ${axis} to ${dtype} ` +
          `${showShape(first)} and ${own} ${showShape(shape)}: dtypes and ` +
          "sizes along all other axes must be equal",
        { op: "concat", expected: first, actual: shape },
      );
    }
    size += shape[axis]!;
  }
  if (types.length < 2) {
    throw new RookeryError(
      "usage",
      `Cannot apply concat to ${types.length} value: give two or more`,
      { op: "concat", expected: "2 or more", actual: types.length },
    );
  }
  return { dtype, shape: first.map((n, i) => i === axis ? size : n) };
}

/** Where each operand lies in the result. */
function placesOf(
  types: readonly TensorType[],
  shape: Shape,
  attrs: ConcatAttrs,
): StridedView[] {
  const axis = resolveAxis("concat", shape, attrs.axis);
  const steps = stridesOf(shape);
  let start = 0;
  return types.map((type) => {
    const offset = start * steps[axis]!;
    start += type.shape[axis]!;
    return { steps, offset };
  });
}
