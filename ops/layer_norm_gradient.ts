/**
 * Derivative of layer normalisation by its operand.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { inferPair } from "./norm_rule.ts";
import { eachOfRow, writeRowKernel } from "./row_reduce.ts";

/**
 * Gradient by `x` of layer normalisation without scale and bias, given the
 * gradient `g` by its result: `r·(g − mean(g) − n·mean(g·n))`, where
 * `n = (x − mean(x))·r` and `r = 1 / sqrt(var(x) + eps)`, over the last axis.
 * `g` and `x` [.., d].
 */
export const layerNormGradient: Op<
  { readonly eps: number },
  [grad: Tensor, x: Tensor]
> = defineOp<{ readonly eps: number }, [grad: Tensor, x: Tensor]>({
  name: "layer_norm_gradient",
  infer: (types) => inferPair("layer_norm_gradient", types),
  cpu({ inputs: [g, x], types, attrs, output }) {
    const width = types[0]!.shape.at(-1)!;
    for (let row = 0; row < output.length; row += width) {
      let sum = 0, squares = 0, sumG = 0, products = 0;
      for (let i = row; i < row + width; i++) {
        sum += x![i]!;
        sumG += g![i]!;
      }
      const mean = sum / width;
      for (let i = row; i < row + width; i++) {
        squares += (x![i]! - mean) ** 2;
        products += g![i]! * (x![i]! - mean);
      }
      const r = 1 / Math.sqrt(squares / width + attrs.eps);
      const pull = r * r * products / width;
      for (let i = row; i < row + width; i++) {
        output[i] = r * (g![i]! - sumG / width - (x![i]! - mean) * pull);
      }
    }
  },
  kernels: ({ output, attrs, profile }) => ({
    kernels: [writeRowKernel({
      name: "layer_norm_gradient",
      shape: output.type.shape,
      bindings: [
        { name: "g", of: 0, view: "scalar" },
        { name: "x", of: 1, view: "scalar" },
        { name: "y", of: "output", view: "scalar", isWritten: true },
      ],
      params: { eps: { f32: attrs.eps } },
      body: `  let width = f32(p.width);
  let shift = load_x(row);
  var sum: f32 = 0.0;
  var sum_g: f32 = 0.0;
${
        eachOfRow(
          "    sum += load_x(row + i) - shift;\n    sum_g += load_g(row + i);",
        )
      }
  let mean = join_sum(lane, sum) / width;
  let mean_g = join_sum(lane, sum_g) / width;
  var squares: f32 = 0.0;
  var products: f32 = 0.0;
${
        eachOfRow(`    let v = (load_x(row + i) - shift) - mean;
    squares += v * v;
    products += load_g(row + i) * v;`)
      }
  let r = 1.0 / sqrt(join_sum(lane, squares) / width + p.eps);
  let pull = r * r * join_sum(lane, products) / width;
${
        eachOfRow(`    let v = (load_x(row + i) - shift) - mean;
    store_y(row + i, r * (load_g(row + i) - mean_g - v * pull));`)
      }`,
    }, profile)],
  }),
  gradient: "none",
  cost: ([x]) => ({
    flops: 12 * sizeOf(x!.shape),
    bytes: 12 * sizeOf(x!.shape),
  }),
});
