/**
 * Derivative of pooling.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { isSameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import {
  eachWindow,
  inferPool,
  type Pool2dAttrs,
  poolWindow,
} from "./pool_rule.ts";
import { laneCount, windowParams } from "./window_rule.ts";

/**
 * Gradient by the picture `x` [b, h, w, c] of `pool2d`, given the gradient
 * `grad` [b, oh, ow, c] by its result. Averages hand equal shares to their
 * pixels; `max` hands all to the first pixel that is largest.
 */
export const pool2dGradient: Op<Pool2dAttrs, [grad: Tensor, x: Tensor]> =
  defineOp<Pool2dAttrs, [grad: Tensor, x: Tensor]>({
    name: "pool2d_gradient",
    infer([grad, x], attrs) {
      const { shape } = inferPool("pool2d_gradient", x!, attrs);
      if (isSameShape(shape, grad!.shape)) {
        return { dtype: grad!.dtype, shape: x!.shape };
      }
      throw new RookeryError(
        "shape",
        "Cannot apply pool2d_gradient to a gradient of shape " +
          `${showShape(grad!.shape)}: the pooling gives ${showShape(shape)}`,
        { op: "pool2d_gradient", expected: shape, actual: grad!.shape },
      );
    },
    cpu({ inputs: [grad, x], types, attrs, output }) {
      const sums = new Float64Array(output.length);
      const [y, picture] = types.map(({ shape }) => shape);
      eachWindow(picture!, y!, attrs, (at, pixels) => {
        if (attrs.kind !== "max") {
          for (const pixel of pixels) {
            sums[pixel]! += grad![at]! / pixels.length;
          }
          return;
        }
        const first = pixels.reduce((best, pixel) =>
          x![pixel]! > x![best]! ? pixel : best
        );
        sums[first]! += grad![at]!;
      });
      output.set(sums);
    },
    kernels: (context) => ({ kernels: [gradientKernel(context)] }),
    gradient: "none",
    cost([grad, x], _, attrs) {
      const { size: [kh, kw] } = poolWindow(x!.shape, attrs);
      return {
        flops: sizeOf(x!.shape) * kh * kw,
        bytes: 4 * (sizeOf(grad!.shape) + 2 * sizeOf(x!.shape)),
      };
    },
  });

/** One pixel an invocation, which asks every window that it lies in. */
function gradientKernel(
  { inputs, output, attrs }: KernelContext<Pool2dAttrs>,
): Kernel {
  const x = output.type.shape, y = inputs[0]!.type.shape;
  const { size: [kh, kw], ...window } = poolWindow(x, attrs);
  const [b, h, w, channels] = x as [number, number, number, number];
  const lanes = laneCount(channels);
  return {
    name: `pool2d_gradient_${attrs.kind}`,
    bindings: [
      { name: "g", of: 0, view: "scalar" },
      { name: "x", of: 1, view: "scalar" },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      ...windowParams(x, y, window),
      kernel_h: kh,
      kernel_w: kw,
      channels,
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(channels / lanes), w, b * h],
    body: `  let c = gid.x;
  if (c >= p.channels) { return; }
  let image = wid.z / p.h;
  let own_y = wid.z % p.h + p.pad_top;
  let own_x = wid.y + p.pad_left;
  let own = load_x((wid.z * p.w + wid.y) * p.channels + c);
  var sum: f32 = 0.0;
  for (var ky = 0u; ky < p.kernel_h; ky++) {
    let oy = (own_y - ky) / p.stride;
    if ((own_y - ky) % p.stride != 0u || oy >= p.out_h) { continue; }
    for (var kx = 0u; kx < p.kernel_w; kx++) {
      let ox = (own_x - kx) / p.stride;
      if ((own_x - kx) % p.stride != 0u || ox >= p.out_w) { continue; }
      let y_first = max(oy * p.stride, p.pad_top);
      let y_last = min(oy * p.stride + p.kernel_h, p.h + p.pad_top);
      let x_first = max(ox * p.stride, p.pad_left);
      let x_last = min(ox * p.stride + p.kernel_w, p.w + p.pad_left);
      let g_at = ((image * p.out_h + oy) * p.out_w + ox) * p.channels + c;
${attrs.kind === "max" ? MAX_SHARE : AVERAGE_SHARE}
      sum += share * load_g(g_at);
    }
  }
  store_y((wid.z * p.w + wid.y) * p.channels + c, sum);`,
  };
}

const AVERAGE_SHARE =
  "      let share = 1.0 / f32((y_last - y_first) * (x_last - x_first));";

/** 1 where no pixel is larger and none before is as large. */
const MAX_SHARE = `      var share: f32 = 1.0;
      for (var py = y_first; py < y_last; py++) {
        let row = (image * p.h + py - p.pad_top) * p.w;
        for (var px = x_first; px < x_last; px++) {
          let value = load_x((row + px - p.pad_left) * p.channels + c);
          let is_before = py < own_y || (py == own_y && px < own_x);
          if (value > own || (is_before && value == own)) { share = 0.0; }
        }
      }`;
