/**
 * Derivative of a convolution by its picture.
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

/** Attributes of `conv2dInputGradient`. */
export interface Conv2dInputGradientAttrs extends ConvWindow {
  /** Shape [b, h, w, i] of the picture. */
  readonly shape: Shape;
}

/**
 * Gradient by the picture [b, h, w, i] of a convolution, given the gradient
 * `grad` [b, oh, ow, o] by its result and its `weight` [kh, kw, i/groups, o].
 */
export const conv2dInputGradient: Op<
  Conv2dInputGradientAttrs,
  [grad: Tensor, weight: Tensor]
> = defineOp<Conv2dInputGradientAttrs, [grad: Tensor, weight: Tensor]>({
  name: "conv2d_input_gradient",
  infer([grad, weight], attrs) {
    const x = { dtype: grad!.dtype, shape: attrs.shape };
    const name = "conv2d_input_gradient";
    checkGradientShape(name, grad!, { x, weight: weight!.shape, attrs });
    return x;
  },
  cpu({ inputs: [grad, weight], types, attrs, output, outputType }) {
    const [y, w] = types.map(({ shape }) => shape);
    const shapes = { x: outputType.shape, weight: w!, y: y! };
    const sums = new Float64Array(output.length);
    walkConv(
      shapes,
      attrs,
      (xi, wi, yi) => sums[xi]! += grad![yi]! * weight![wi]!,
    );
    output.set(sums);
  },
  kernels: (context) => ({ kernels: [inputKernel(context)] }),
  gradient: "none",
  cost: ([grad, weight], { shape }) => ({
    flops: 2 * sizeOf(grad!.shape) * sizeOf(weight!.shape.slice(0, 3)),
    bytes: 4 * (sizeOf(grad!.shape) + sizeOf(weight!.shape) + sizeOf(shape)),
  }),
});

/** Lanes along channels, one element an invocation. */
function inputKernel(
  { inputs, output, attrs }: KernelContext<Conv2dInputGradientAttrs>,
): Kernel {
  const [y, weight] = inputs.map(({ type }) => type.shape);
  const x = output.type.shape;
  const [b, h, w, channels] = x as [number, number, number, number];
  const lanes = laneCount(channels);
  return {
    name: "conv2d_input_gradient",
    bindings: [
      { name: "g", of: 0, view: "scalar" },
      { name: "w", of: 1, view: "scalar" },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      ...windowParams(x, y!, attrs),
      kernel_h: weight![0]!,
      kernel_w: weight![1]!,
      channels,
      inner: weight![2]!,
      out: weight![3]!,
      out_per_group: weight![3]! / (attrs.groups ?? 1),
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(channels / lanes), w, b * h],
    body: `  let i = gid.x;
  if (i >= p.channels) { return; }
  let image = wid.z / p.h;
  let iy = wid.z % p.h;
  let o_first = i / p.inner * p.out_per_group;
  var sum: f32 = 0.0;
  for (var ky = 0u; ky < p.kernel_h; ky++) {
    // Windows above the picture wrap to huge numbers and fail the test below.
    let dy = iy + p.pad_top - ky;
    let oy = dy / p.stride;
    if (dy % p.stride != 0u || oy >= p.out_h) { continue; }
    for (var kx = 0u; kx < p.kernel_w; kx++) {
      let dx = wid.y + p.pad_left - kx;
      let ox = dx / p.stride;
      if (dx % p.stride != 0u || ox >= p.out_w) { continue; }
      let g_at = ((image * p.out_h + oy) * p.out_w + ox) * p.out + o_first;
      let w_at = ((ky * p.kernel_w + kx) * p.inner + i % p.inner) * p.out +
        o_first;
      for (var o = 0u; o < p.out_per_group; o++) {
        sum += load_g(g_at + o) * load_w(w_at + o);
      }
    }
  }
  store_y((wid.z * p.w + wid.y) * p.channels + i, sum);`,
  };
}
