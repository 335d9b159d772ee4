/**
 * Derivative of RMS normalisation by its operand.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { inferPair } from "./norm_rule.ts";
import { eachOfRow, writeRowKernel } from "./row_reduce.ts";

/**
 * Gradient by `x` of RMS normalisation without scale, given the gradient `g`
 * by its result: `r·(g − x·r²·mean(g·x))` with `r = 1 / sqrt(mean(x²) + eps)`,
 * over the last axis. `g` and `x` [.., d].
 */
export const rmsNormGradient: Op<
  { readonly eps: number },
  [grad: Tensor, x: Tensor]
> = defineOp<{ readonly eps: number }, [grad: Tensor, x: Tensor]>({
  name: "rms_norm_gradient",
  infer: (types) => inferPair("rms_norm_gradient", types),
  cpu({ inputs: [g, x], types, attrs, output }) {
    const width = types[0]!.shape.at(-1)!;
    for (let row = 0; row < output.length; row += width) {
      let squares = 0, products = 0;
      for (let i = row; i < row + width; i++) {
        squares += x![i]! ** 2;
        products += g![i]! * x![i]!;
      }
      const r = 1 / Math.sqrt(squares / width + attrs.eps);
      const pull = r * r * products / width;
      for (let i = row; i < row + width; i++) {
        output[i] = r * (g![i]! - x![i]! * pull);
      }
    }
  },
  kernels: ({ output, attrs, profile }) => ({
    kernels: [writeRowKernel({
      name: "rms_norm_gradient",
      shape: output.type.shape,
      bindings: [
        { name: "g", of: 0, view: "scalar" },
        { name: "x", of: 1, view: "scalar" },
        { name: "y", of: "output", view: "scalar", isWritten: true },
      ],
      params: { eps: { f32: attrs.eps } },
      body: `  var squares: f32 = 0.0;
  var products: f32 = 0.0;
${
        eachOfRow(`    let v = load_x(row + i);
    squares += v * v;
    products += load_g(row + i) * v;`)
      }
  let width = f32(p.width);
  let r = 1.0 / sqrt(join_sum(lane, squares) / width + p.eps);
  let pull = r * r * join_sum(lane, products) / width;
${
        eachOfRow(
          "    store_y(row + i, r * (load_g(row + i) - load_x(row + i) * pull));",
        )
      }`,
    }, profile)],
  }),
  gradient: "none",
  cost: ([x]) => ({
    flops: 8 * sizeOf(x!.shape),
    bytes: 12 * sizeOf(x!.shape),
  }),
});
