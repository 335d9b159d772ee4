/**
 * Derivative of `clamp`, `relu` and `relu6`, an op of its own so that
 * gradients stay elementwise.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";

/** Range whose inside has slope 1. */
export interface ClampSlopeAttrs {
  /** Lower end; −∞ is allowed. */
  readonly low: number;
  /** Upper end; ∞ is allowed. */
  readonly high: number;
}

/** `y = 1` where `low < x < high`, else 0; elementwise, any shape. */
export const clampSlope: Op<ClampSlopeAttrs, [x: Tensor]> = defineUnary<
  ClampSlopeAttrs
>({
  name: "clamp_slope",
  cpu: (x, { low, high }) => low < x && x < high ? 1 : 0,
  wgsl: () => "  return select(0.0, 1.0, p.low < x && x < p.high);",
  params: ({ low, high }) => ({
    low: { f32: finiteF32(low) },
    high: { f32: finiteF32(high) },
  }),
  flops: 2,
  gradient: "none",
});

/** `value`, with the largest f32 for ∞: WGSL may assume there is no infinity. */
export function finiteF32(value: number): number {
  const most = 3.4028234663852886e38;
  return Math.min(Math.max(value, -most), most);
}
