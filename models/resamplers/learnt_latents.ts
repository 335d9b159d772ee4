/**
 * Learnt latents, the same for every picture.
 *
 * @module
 */

import type { Tensor } from "../../core/tensor.ts";
import { broadcastTo } from "../../ops/sum_to.ts";
import { asTypeOf } from "../layers.ts";

/**
 * `weight` [r, d] or [1, r, d] → [b, r, d] for the rows of `features` [b, ..],
 * in their number type.
 */
export function learntLatents(weight: Tensor, features: Tensor): Tensor {
  const own = asTypeOf(weight, features);
  const shape = [features.shape[0]!, ...weight.shape.slice(-2)];
  return broadcastTo(own, { shape });
}
