/**
 * The quick approximation of GELU by a sigmoid (Hendrycks and Gimpel, 2016,
 * section 2), which OpenAI's CLIP models were trained with.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { scalar } from "./scalar.ts";
import { siluSlope } from "./silu_slope.ts";

/** Factor of the sigmoid's argument. */
const SLOPE = 1.702;

/** `y = x / (1 + exp(−1.702 · x))`, elementwise, any shape. */
export const quickGelu: Op<object, [x: Tensor]> = defineUnary({
  name: "quick_gelu",
  cpu: (x) => x / (1 + Math.exp(-SLOPE * x)),
  // Below −80 the exponential overflows f32; the result there is 0.
  wgsl: () => `  return x / (1.0 + exp(-max(${SLOPE} * x, -80.0)));`,
  flops: 5,
  // With u = 1.702 · x it is silu(u) / 1.702, whose slope by x is silu'(u).
  gradient: ({ grad, inputs: [x] }) => [
    mul(grad, siluSlope(mul(x, scalar(SLOPE)))),
  ],
});
