/**
 * The rectifier squared (So et al., 2021), used by Flamingo's resampler and
 * gated cross-attention.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { relu } from "./relu.ts";
import { scalar } from "./scalar.ts";

/** `y = max(x, 0)²`, elementwise, any shape. */
export const squaredRelu: Op<object, [x: Tensor]> = defineUnary({
  name: "squared_relu",
  cpu: (x) => Math.max(x, 0) ** 2,
  wgsl: () => "  let v = max(x, 0.0);\n  return v * v;",
  flops: 2,
  gradient: ({ grad, inputs: [x] }) => [
    mul(grad, mul(relu(x), scalar(2))),
  ],
});
