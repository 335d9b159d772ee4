/**
 * Derivative of SiLU, an op of its own so that gradients stay elementwise.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";

/** `y = s + x·s·(1 − s)` with `s = sigmoid(x)`, elementwise, any shape. */
export const siluSlope: Op<object, [x: Tensor]> = defineUnary({
  name: "silu_slope",
  cpu(x) {
    const s = 1 / (1 + Math.exp(-x));
    return s + x * s * (1 - s);
  },
  wgsl: () =>
    "  let s = 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)));\n" +
    "  return s + x * s * (1.0 - s);",
  flops: 7,
  gradient: "none",
});
