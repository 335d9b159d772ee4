/**
 * SiLU, also called swish: `x · sigmoid(x)` (Elfwing et al., 2017).
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { siluSlope } from "./silu_slope.ts";

/** `y = x / (1 + exp(−x))`, elementwise, any shape. */
export const silu: Op<object, [x: Tensor]> = defineUnary({
  name: "silu",
  cpu: (x) => x / (1 + Math.exp(-x)),
  // Below −80 the exponential overflows f32; the result there is 0.
  wgsl: () => "  return x / (1.0 + exp(-max(x, -80.0)));",
  flops: 4,
  gradient: ({ grad, inputs: [x] }) => [mul(grad, siluSlope(x))],
});
