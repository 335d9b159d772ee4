/**
 * Changes the number type of values.
 *
 * @module
 */

import type { DType } from "../core/dtype.ts";
import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { sizeOf, stridesOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { writeStrided } from "./strided.ts";

/** Attributes of `cast`. */
export interface CastAttrs {
  /** Number type of the result. */
  readonly dtype: DType;
}

/**
 * `x` as another number type. Floats become integers towards zero, cut to the
 * integer's range; integers of the other sign keep their 32 bits.
 */
export const cast: Op<CastAttrs, [x: Tensor]> = defineOp<
  CastAttrs,
  [x: Tensor]
>({
  name: "cast",
  infer([x], { dtype }) {
    if (["f32", "f16", "i32", "u32"].includes(dtype)) {
      return { dtype, shape: x!.shape };
    }
    throw new RookeryError(
      "dtype",
      `Cannot apply cast to "${dtype}": use "f32", "f16", "i32" or "u32"`,
      { op: "cast", actual: dtype },
    );
  },
  cpu({ inputs: [x], types, attrs, output }) {
    const isFloat = types[0]!.dtype.startsWith("f");
    const [low, high] = attrs.dtype === "u32"
      ? [0, 2 ** 32 - 1]
      : [-(2 ** 31), 2 ** 31 - 1];
    const isCut = isFloat && !attrs.dtype.startsWith("f");
    for (let i = 0; i < output.length; i++) {
      const value = x![i]!;
      output[i] = isCut
        ? Math.min(Math.max(Math.trunc(value), low), high)
        : value;
    }
  },
  kernels({ inputs, output, attrs, profile }) {
    const { dtype, shape } = output.type;
    const operands = [{ steps: stridesOf(shape) }];
    const [to, from] = [attrs.dtype, inputs[0]!.type.dtype];
    const value = valueText(to === "f16" ? "f32" : to, from);
    return {
      kernels: [writeStrided({
        name: `cast_${from}_${dtype}`,
        shape,
        operands,
        value,
        isVector: false,
      }, profile)],
    };
  },
  gradient: ({ grad, inputs: [x], attrs: { dtype } }) => [
    x.dtype.startsWith("f") && dtype.startsWith("f")
      ? cast(grad, { dtype: x.dtype })
      : null,
  ],
  cost: (_, { shape }) => ({ flops: 0, bytes: 8 * sizeOf(shape) }),
});

/** Expression that converts `a`; out-of-range floats are cut before. */
function valueText(to: DType, from: DType): string {
  if (from.startsWith("f") && to === "i32") {
    // The largest f32 below 2³¹ is 2³¹ − 128, so the upper end is chosen.
    return "select(i32(clamp(a, -2147483648.0, 2147483520.0)), 2147483647, " +
      "a >= 2147483648.0)";
  }
  if (from.startsWith("f") && to === "u32") {
    return "select(u32(clamp(a, 0.0, 4294967040.0)), 4294967295u, " +
      "a >= 4294967296.0)";
  }
  return `${to}(a)`;
}
