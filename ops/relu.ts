/**
 * The rectifier.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { clampSlope } from "./clamp_slope.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";

/** `y = max(x, 0)`, elementwise, any shape; its slope at 0 is taken as 0. */
export const relu: Op<object, [x: Tensor]> = defineUnary({
  name: "relu",
  cpu: (x) => Math.max(x, 0),
  wgsl: () => "  return max(x, 0.0);",
  flops: 1,
  gradient: ({ grad, inputs: [x] }) => [
    mul(grad, clampSlope(x, { low: 0, high: Infinity })),
  ],
});
