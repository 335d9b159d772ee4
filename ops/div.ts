/**
 * Quotient of two values that broadcast.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import { constant, type Tensor } from "../core/tensor.ts";
import { defineBinary } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { sumTo } from "./sum_to.ts";

const MINUS_ONE = constant(
  { dtype: "f32", shape: [1] },
  new Float32Array([-1]),
);

/** `y = a / b`, elementwise; NumPy's broadcasting. */
export const div: Op<object, [a: Tensor, b: Tensor]> = defineBinary({
  name: "div",
  cpu: (a, b) => a / b,
  wgsl: "a / b",
  gradient: ({ grad, inputs: [a, b] }) => [
    sumTo(div(grad, b), { shape: a.shape }),
    sumTo(mul(mul(div(grad, b), div(a, b)), MINUS_ONE), { shape: b.shape }),
  ],
});
