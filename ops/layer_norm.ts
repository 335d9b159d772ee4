/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016).
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { layerNormGradient } from "./layer_norm_gradient.ts";
import { mul } from "./mul.ts";
import { inferNorm } from "./norm_rule.ts";
import { eachOfRow, rowView, writeRowKernel } from "./row_reduce.ts";
import { reduceTo } from "./sum_to.ts";

/** Attributes of `layerNorm`. */
export interface LayerNormAttrs {
  /** Added to the variance before the root. */
  readonly eps: number;
}

/** Operands of `layerNorm`: scale is 1 and bias 0 where they are left out. */
export type LayerNormInputs =
  | [x: Tensor]
  | [x: Tensor, scale: Tensor]
  | [x: Tensor, scale: Tensor, bias: Tensor];

/**
 * `y = (x − mean(x)) / sqrt(var(x) + eps) · scale + bias` over the last axis.
 * `x` [.., d], `scale` and `bias` [d]. The variance is the mean of squared
 * differences from the mean, in a second pass: it stays right where the mean
 * is large.
 */
export const layerNorm: Op<LayerNormAttrs, LayerNormInputs> = defineOp<
  LayerNormAttrs,
  LayerNormInputs
>({
  name: "layer_norm",
  infer: (types, { eps }) => inferNorm("layer_norm", types, eps, 3),
  cpu({ inputs: [x, scale, bias], types, attrs, output }) {
    const width = types[0]!.shape.at(-1)!;
    for (let row = 0; row < output.length; row += width) {
      let sum = 0, squares = 0;
      for (let i = 0; i < width; i++) sum += x![row + i]!;
      const mean = sum / width;
      for (let i = 0; i < width; i++) squares += (x![row + i]! - mean) ** 2;
      const factor = 1 / Math.sqrt(squares / width + attrs.eps);
      for (let i = 0; i < width; i++) {
        output[row + i] = (x![row + i]! - mean) * factor * (scale?.[i] ?? 1) +
          (bias?.[i] ?? 0);
      }
    }
  },
  kernels({ inputs, output, attrs, profile }) {
    const { shape } = output.type, view = rowView(shape);
    const names = ["x", "scale", "bias"].slice(0, inputs.length);
    const scaled = inputs.length > 1 ? " * load_scale(i)" : "";
    const moved = inputs.length > 2 ? " + load_bias(i)" : "";
    const kernel = writeRowKernel({
      name: "layer_norm",
      shape,
      view,
      bindings: [
        ...names.map((name, of) => ({ name, of, view })),
        { name: "y", of: "output", view, isWritten: true },
      ],
      params: { eps: { f32: attrs.eps } },
      // The first element is taken off before summing, so that the mean of a
      // row far from zero keeps its low bits.
      body: `  let shift = first_of(load_x(row));
  var sum = V();
${eachOfRow("    sum += load_x(row + i) - shift;")}
  let mean = join_sum(lane, sum_of(sum)) / f32(p.width);
  var squares = V();
${
        eachOfRow(
          "    let v = (load_x(row + i) - shift) - mean;\n    squares += v * v;",
        )
      }
  let variance = join_sum(lane, sum_of(squares)) / f32(p.width);
  let factor = 1.0 / sqrt(variance + p.eps);
${
        eachOfRow(
          `    let v = (load_x(row + i) - shift) - mean;
    store_y(row + i, v * factor${scaled}${moved});`,
        )
      }`,
    }, profile);
    return { kernels: [kernel] };
  },
  gradient({ grad, inputs: [x, scale, bias], attrs }) {
    if (scale === undefined) return [layerNormGradient(grad, x, attrs)];
    const byX = layerNormGradient(mul(grad, scale), x, attrs);
    const byScale = reduceTo(mul(grad, layerNorm(x, attrs)), scale.shape);
    if (bias === undefined) return [byX, byScale];
    return [byX, byScale, reduceTo(grad, bias.shape)];
  },
  cost: ([x]) => ({
    flops: 7 * sizeOf(x!.shape),
    bytes: 8 * sizeOf(x!.shape),
  }),
});
