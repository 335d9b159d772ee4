/**
 * Numbers as graph values.
 *
 * @module
 */

import { constant, type Tensor } from "../core/tensor.ts";

/** A single number, shape []; broadcasts against anything. */
export function scalar(value: number): Tensor {
  return constant({ dtype: "f32", shape: [] }, Float32Array.of(value));
}
