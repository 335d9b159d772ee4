/**
 * Product of two values that broadcast.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineBinary } from "./broadcast.ts";
import { reduceTo } from "./sum_to.ts";

/** `y = a · b`, elementwise; NumPy's broadcasting. */
export const mul: Op<object, [a: Tensor, b: Tensor]> = defineBinary({
  name: "mul",
  cpu: (a, b) => a * b,
  wgsl: "a * b",
  gradient: ({ grad, inputs: [a, b] }) => [
    reduceTo(mul(grad, b), a.shape),
    reduceTo(mul(grad, a), b.shape),
  ],
});
