/**
 * Derivative of a convolution by its weight.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkGradientShape } from "./conv_gradient_rule.ts";
import { type ConvWindow, walkConv } from "./conv_rule.ts";
import { laneCount, windowParams } from "./window_rule.ts";

/** Attributes of `conv2dWeightGradient`. */
export interface Conv2dWeightGradientAttrs extends ConvWindow {
  /** Shape [kh, kw, i/groups, o] of the weight. */
  readonly shape: Shape;
}

/**
 * Gradient by the weight [kh, kw, i/groups, o] of a convolution, given the
 * gradient `grad` [b, oh, ow, o] by its result and its picture `x`
 * [b, h, w, i].
 */
export const conv2dWeightGradient: Op<
  Conv2dWeightGradientAttrs,
  [grad: Tensor, x: Tensor]
> = defineOp<Conv2dWeightGradientAttrs, [grad: Tensor, x: Tensor]>({
  name: "conv2d_weight_gradient",
  infer([grad, x], attrs) {
    const { dtype } = grad!;
    const name = "conv2d_weight_gradient";
    checkGradientShape(name, grad!, { x: x!, weight: attrs.shape, attrs });
    return { dtype, shape: attrs.shape };
  },
  cpu({ inputs: [grad, x], types, attrs, output, outputType }) {
    const [y, picture] = types.map(({ shape }) => shape);
    const shapes = { x: picture!, weight: outputType.shape, y: y! };
    const sums = new Float64Array(output.length);
    walkConv(shapes, attrs, (xi, wi, yi) => sums[wi]! += grad![yi]! * x![xi]!);
    output.set(sums);
  },
  kernels: (context) => ({ kernels: [weightKernel(context)] }),
  gradient: "none",
  cost: ([grad, x], { shape }) => ({
    flops: 2 * sizeOf(grad!.shape) * sizeOf(shape.slice(0, 3)),
    bytes: 4 * (sizeOf(grad!.shape) + sizeOf(x!.shape) + sizeOf(shape)),
  }),
});

/** Lanes along outputs, one element of the weight an invocation. */
function weightKernel(
  { inputs, output, attrs }: KernelContext<Conv2dWeightGradientAttrs>,
): Kernel {
  const [y, x] = inputs.map(({ type }) => type.shape);
  const [kh, kw, inner, out] = output.type.shape as [
    number,
    number,
    number,
    number,
  ];
  const lanes = laneCount(out);
  return {
    name: "conv2d_weight_gradient",
    bindings: [
      { name: "g", of: 0, view: "scalar" },
      { name: "x", of: 1, view: "scalar" },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      ...windowParams(x!, y!, attrs),
      images: x![0]!,
      kernel_w: kw,
      channels: x![3]!,
      inner,
      out,
      out_per_group: out / (attrs.groups ?? 1),
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(out / lanes), inner, kh * kw],
    // Sums of a row of pixels are added to the total, so that long sums lose
    // little to rounding.
    body: `  let o = gid.x;
  if (o >= p.out) { return; }
  let ky = wid.z / p.kernel_w;
  let kx = wid.z % p.kernel_w;
  let channel = o / p.out_per_group * p.inner + wid.y;
  var total: f32 = 0.0;
  for (var row = 0u; row < p.images * p.out_h; row++) {
    let image = row / p.out_h;
    let iy = row % p.out_h * p.stride + ky - p.pad_top;
    if (iy >= p.h) { continue; }
    var sum: f32 = 0.0;
    for (var ox = 0u; ox < p.out_w; ox++) {
      let ix = ox * p.stride + kx - p.pad_left;
      if (ix >= p.w) { continue; }
      let x_at = ((image * p.h + iy) * p.w + ix) * p.channels + channel;
      sum += load_g((row * p.out_w + ox) * p.out + o) * load_x(x_at);
    }
    total += sum;
  }
  store_y((wid.z * p.inner + wid.y) * p.out + o, total);`,
  };
}
