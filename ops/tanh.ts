/**
 * Hyperbolic tangent, the gate of Flamingo's cross-attention.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { add } from "./add.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { scalar } from "./scalar.ts";

/** `y = tanh(x)`, elementwise, any shape; `tanh(0)` is exactly 0. */
export const tanh: Op<object, [x: Tensor]> = defineUnary({
  name: "tanh",
  cpu: Math.tanh,
  // Some devices make NaN where exp overflows; at ±15 the result is ±1. Near
  // 0 the device's own formula cancels, so the series is used there.
  wgsl: () =>
    `  let s = x * x;
  let near = x * (1.0 + s * (-0.33333334 + s * 0.13333334));
  return select(tanh(clamp(x, -15.0, 15.0)), near, abs(x) < 0.05);`,
  flops: 8,
  gradient({ grad, output }) {
    const square = mul(output, output);
    return [mul(grad, add(mul(square, scalar(-1)), scalar(1)))];
  },
});
