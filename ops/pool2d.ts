/**
 * Pooling over pictures, channels last: average, largest, or one average for
 * the whole picture.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { pool2dGradient } from "./pool2d_gradient.ts";
import {
  eachWindow,
  inferPool,
  type Pool2dAttrs,
  poolWindow,
} from "./pool_rule.ts";
import { laneCount, windowParams } from "./window_rule.ts";

export type { Pool2dAttrs };

/**
 * Pools windows of `x` [b, h, w, c] to [b, oh, ow, c], every channel by
 * itself. `average` divides by the pixels inside the picture only; `max`
 * takes the largest of them; `global` averages all to [b, 1, 1, c].
 */
export const pool2d: Op<Pool2dAttrs, [x: Tensor]> = defineOp<
  Pool2dAttrs,
  [x: Tensor]
>({
  name: "pool2d",
  infer: ([x], attrs) => inferPool("pool2d", x!, attrs),
  cpu({ inputs: [x], types, attrs, output, outputType }) {
    const isMax = attrs.kind === "max";
    eachWindow(types[0]!.shape, outputType.shape, attrs, (at, pixels) => {
      const values = pixels.map((pixel) => x![pixel]!);
      output[at] = isMax
        ? Math.max(...values)
        : values.reduce((sum, value) => sum + value, 0) / values.length;
    });
  },
  kernels({ inputs, output, attrs }) {
    const x = inputs[0]!.type.shape, y = output.type.shape;
    const { size: [kh, kw], ...window } = poolWindow(x, attrs);
    const [b, oh, ow, channels] = y as [number, number, number, number];
    const lanes = laneCount(channels);
    const isMax = attrs.kind === "max";
    return {
      kernels: [{
        name: `pool2d_${attrs.kind}`,
        bindings: [
          { name: "x", of: 0, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: {
          ...windowParams(x, y, window),
          kernel_h: kh,
          kernel_w: kw,
          channels,
        },
        workgroupSize: [lanes, 1, 1],
        workgroups: [Math.ceil(channels / lanes), ow, b * oh],
        body: `  let c = gid.x;
  if (c >= p.channels) { return; }
  let image = wid.z / p.out_h;
  let top = wid.z % p.out_h * p.stride;
  let left = wid.y * p.stride;
  // Padding is added to the limits, not taken off the positions: those stay
  // positive.
  let y_first = max(top, p.pad_top);
  let y_last = min(top + p.kernel_h, p.h + p.pad_top);
  let x_first = max(left, p.pad_left);
  let x_last = min(left + p.kernel_w, p.w + p.pad_left);
  var total: f32 = ${isMax ? "-3.4028234e38" : "0.0"};
  for (var py = y_first; py < y_last; py++) {
    let row = (image * p.h + py - p.pad_top) * p.w;
    for (var px = x_first; px < x_last; px++) {
      let value = load_x((row + px - p.pad_left) * p.channels + c);
      total = ${isMax ? "max(total, value)" : "total + value"};
    }
  }
  ${isMax ? "" : "total /= f32((y_last - y_first) * (x_last - x_first));"}
  store_y((wid.z * p.out_w + wid.y) * p.channels + c, total);`,
      }],
    };
  },
  gradient: ({ grad, inputs: [x], attrs }) => [pool2dGradient(grad, x, attrs)],
  cost(types, { shape }, attrs) {
    const { size: [kh, kw] } = poolWindow(types[0]!.shape, attrs);
    return {
      flops: sizeOf(shape) * kh * kw,
      bytes: 4 * (sizeOf(types[0]!.shape) + sizeOf(shape)),
    };
  },
});
