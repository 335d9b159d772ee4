/**
 * Quotient of two values that broadcast.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineBinary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { scalar } from "./scalar.ts";
import { sumTo } from "./sum_to.ts";

/** `y = a / b`, elementwise; NumPy's broadcasting. */
export const div: Op<object, [a: Tensor, b: Tensor]> = defineBinary({
  name: "div",
  cpu: (a, b) => a / b,
  wgsl: "a / b",
  gradient: ({ grad, inputs: [a, b] }) => [
    sumTo(div(grad, b), { shape: a.shape }),
    sumTo(mul(mul(div(grad, b), div(a, b)), scalar(-1)), { shape: b.shape }),
  ],
});
