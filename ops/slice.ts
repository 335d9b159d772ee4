/**
 * Takes a range of an axis, and its transpose, placing a value in zeros. Each
 * is the gradient of the other, so they share this file.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { type Shape, showShape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { resolveAxis } from "./axis.ts";
import { stridedIndex, type StridedView, writeStrided } from "./strided.ts";

/** Attributes of `slice`. */
export interface SliceAttrs {
  /** Axis that is cut; −1 is the last. */
  readonly axis: number;
  /** First index taken. */
  readonly start: number;
  /** Index after the last one taken. */
  readonly end: number;
}

/** Attributes of `place`. */
export interface PlaceAttrs {
  /** Axis that grows; −1 is the last. */
  readonly axis: number;
  /** Index at which the operand begins. */
  readonly start: number;
  /** Size of the axis in the result. */
  readonly size: number;
}

/** Elements `start ≤ i < end` of `x` along `axis`; any dtype. */
export const slice: Op<SliceAttrs, [x: Tensor]> = defineOp<
  SliceAttrs,
  [x: Tensor]
>({
  name: "slice",
  infer([x], { axis, start, end }) {
    const { dtype, shape } = x!;
    const at = resolveAxis("slice", shape, axis);
    checkRange("slice", shape[at]!, start, end, shape);
    return { dtype, shape: shape.map((n, i) => i === at ? end - start : n) };
  },
  cpu({ inputs, types, attrs, output, outputType }) {
    const view = viewOf("slice", types[0]!.shape, attrs);
    const index = stridedIndex(outputType.shape, view);
    for (let i = 0; i < output.length; i++) output[i] = inputs[0]![index(i)]!;
  },
  kernels: ({ inputs, output, attrs, profile }) => ({
    kernels: [writeStrided({
      name: "slice",
      shape: output.type.shape,
      operands: [viewOf("slice", inputs[0]!.type.shape, attrs)],
      value: "a",
      isVector: true,
    }, profile)],
  }),
  gradient({ grad, inputs: [x], attrs: { axis, start } }) {
    const at = resolveAxis("slice", x.shape, axis);
    return [place(grad, { axis: at, start, size: x.shape[at]! })];
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
});

/** `x` from index `start` on along `axis`, zeros elsewhere; float or integer. */
export const place: Op<PlaceAttrs, [x: Tensor]> = defineOp<
  PlaceAttrs,
  [x: Tensor]
>({
  name: "place",
  infer([x], { axis, start, size }) {
    const { dtype, shape } = x!;
    const at = resolveAxis("place", shape, axis);
    checkRange("place", size, start, start + shape[at]!, shape);
    return { dtype, shape: shape.map((n, i) => i === at ? size : n) };
  },
  cpu({ inputs, types, attrs, output, outputType }) {
    const view = viewOf("place", outputType.shape, attrs);
    const index = stridedIndex(types[0]!.shape, view);
    output.fill(0);
    inputs[0]!.forEach((value, i) => output[index(i)] = value);
  },
  kernels({ inputs, output, attrs, profile }) {
    const { dtype, shape } = output.type;
    const own = inputs[0]!.type.shape;
    const zero = dtype === "f16" ? "f32(0)" : `${dtype}(0)`;
    const name = "place";
    const isVector = true;
    return {
      kernels: [
        writeStrided({
          name,
          shape,
          operands: [],
          value: zero,
          isVector,
        }, profile),
        writeStrided({
          name,
          shape: own,
          operands: [{ steps: stridesOf(own) }],
          result: viewOf("place", shape, attrs),
          value: "a",
          isVector,
        }, profile),
      ],
    };
  },
  gradient({ grad, inputs: [x], attrs: { axis, start } }) {
    const at = resolveAxis("place", x.shape, axis);
    return [slice(grad, { axis: at, start, end: start + x.shape[at]! })];
  },
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
});

/** Where the range from `start` on lies in a value of shape `large`. */
function viewOf(
  op: string,
  large: Shape,
  { axis, start }: { readonly axis: number; readonly start: number },
): StridedView {
  const steps = stridesOf(large);
  return { steps, offset: start * steps[resolveAxis(op, large, axis)]! };
}

function checkRange(
  op: string,
  size: number,
  start: number,
  end: number,
  shape: Shape,
): void {
  const isFit = Number.isInteger(start) && Number.isInteger(end) &&
    0 <= start && start < end && end <= size;
  if (isFit) return;
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} to ${showShape(shape)} as the range ${start} to ` +
      `${end} is not one of an axis of ${size}: 0 ≤ start < end ≤ ${size}`,
    { op, expected: size, actual: [start, end] },
  );
}
