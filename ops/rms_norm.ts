/**
 * RMS normalisation (Zhang and Sennrich, 2019), as LLaMA uses it.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { mul } from "./mul.ts";
import { inferNorm } from "./norm_rule.ts";
import { rmsNormGradient } from "./rms_norm_gradient.ts";
import { eachOfRow, rowView, writeRowKernel } from "./row_reduce.ts";
import { reduceTo } from "./sum_to.ts";

/** Attributes of `rmsNorm`. */
export interface RmsNormAttrs {
  /** Added to the mean square before the root. */
  readonly eps: number;
}

/**
 * `y = x / sqrt(mean(x²) + eps) · scale` over the last axis.
 * `x` [.., d], `scale` [d] (1 when left out); the mean is taken in f32 or
 * better.
 */
export const rmsNorm: Op<
  RmsNormAttrs,
  [x: Tensor] | [x: Tensor, scale: Tensor]
> = defineOp<RmsNormAttrs, [x: Tensor] | [x: Tensor, scale: Tensor]>({
  name: "rms_norm",
  infer: (types, { eps }) => inferNorm("rms_norm", types, eps, 2),
  cpu({ inputs: [x, scale], types, attrs, output }) {
    const width = types[0]!.shape.at(-1)!;
    for (let row = 0; row < output.length; row += width) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += x![row + i]! ** 2;
      const factor = 1 / Math.sqrt(sum / width + attrs.eps);
      for (let i = 0; i < width; i++) {
        output[row + i] = x![row + i]! * factor * (scale?.[i] ?? 1);
      }
    }
  },
  kernels({ inputs, output, attrs, profile }) {
    const { shape } = output.type, view = rowView(shape);
    const names = ["x", "scale"].slice(0, inputs.length);
    const scaled = inputs.length > 1 ? " * load_scale(i)" : "";
    const kernel = writeRowKernel({
      name: "rms_norm",
      shape,
      view,
      bindings: [
        ...names.map((name, of) => ({ name, of, view })),
        { name: "y", of: "output", view, isWritten: true },
      ],
      params: { eps: { f32: attrs.eps } },
      body: `  var sum = V();
${eachOfRow("    let v = load_x(row + i);\n    sum += v * v;")}
  let mean = join_sum(lane, sum_of(sum)) / f32(p.width);
  let factor = 1.0 / sqrt(mean + p.eps);
${eachOfRow(`    store_y(row + i, load_x(row + i) * factor${scaled});`)}`,
    }, profile);
    return { kernels: [kernel] };
  },
  gradient({ grad, inputs: [x, scale], attrs }) {
    if (scale === undefined) return [rmsNormGradient(grad, x, attrs)];
    return [
      rmsNormGradient(mul(grad, scale), x, attrs),
      reduceTo(mul(grad, rmsNorm(x, attrs)), scale.shape),
    ];
  },
  cost: ([x]) => ({
    flops: 4 * sizeOf(x!.shape),
    bytes: 8 * sizeOf(x!.shape),
  }),
});
