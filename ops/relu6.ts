/**
 * The rectifier cut at 6, which small vision networks are trained with.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { clampSlope } from "./clamp_slope.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";

/** `y = min(max(x, 0), 6)`, elementwise, any shape; slope 0 at 0 and 6. */
export const relu6: Op<object, [x: Tensor]> = defineUnary({
  name: "relu6",
  cpu: (x) => Math.min(Math.max(x, 0), 6),
  wgsl: () => "  return clamp(x, 0.0, 6.0);",
  flops: 2,
  gradient: ({ grad, inputs: [x] }) => [
    mul(grad, clampSlope(x, { low: 0, high: 6 })),
  ],
});
