/**
 * Elementwise ops of two operands that broadcast (NumPy's rule). An op file
 * gives the formula for a single pair, in TypeScript and in WGSL.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { defineOp, type GradientRule, type Op } from "../core/op.ts";
import { broadcastShapes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";
import { broadcastSteps, stridedIndex, writeStrided } from "./strided.ts";

/** Formula of an op with two operands. */
export interface BinaryFormula {
  /** Name in snake_case. */
  readonly name: string;
  /** Value of one pair. */
  cpu(a: number, b: number): number;
  /** Expression over `a` and `b`, valid for f32 and vec4<f32>. */
  readonly wgsl: string;
  /** Derivative; gradients of broadcast operands are summed by the rule. */
  readonly gradient: GradientRule<object, [a: Tensor, b: Tensor]>;
}

/**
 * Makes an elementwise op of two float operands that broadcast. The result
 * has the dtype of `a`, so that f32 weights do not widen f16 values.
 */
export function defineBinary(
  formula: BinaryFormula,
): Op<object, [a: Tensor, b: Tensor]> {
  const { name, gradient } = formula;
  return defineOp<object, [a: Tensor, b: Tensor]>({
    name,
    gradient,
    infer([a, b]) {
      const { dtype } = checkFloat(name, a!);
      checkFloat(name, b!);
      return { dtype, shape: broadcastShapes(name, a!.shape, b!.shape) };
    },
    cpu({ inputs, types, output, outputType: { shape } }) {
      const [indexA, indexB] = types.map((type) =>
        stridedIndex(shape, { steps: broadcastSteps(type.shape, shape) })
      );
      const [a, b] = inputs as [HostArray, HostArray];
      for (let i = 0; i < output.length; i++) {
        output[i] = formula.cpu(a[indexA!(i)]!, b[indexB!(i)]!);
      }
    },
    kernels({ inputs, output: { type: { shape } }, profile }) {
      const operands = inputs.map(({ type }) => ({
        steps: broadcastSteps(type.shape, shape),
      }));
      const value = formula.wgsl;
      const isVector = true;
      return {
        kernels: [
          writeStrided({ name, shape, operands, value, isVector }, profile),
        ],
      };
    },
    cost: (_, output) => ({
      flops: sizeOf(output.shape),
      bytes: 12 * sizeOf(output.shape),
    }),
  });
}
