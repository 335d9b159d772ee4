/**
 * Cuts values to a range.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { clampSlope, finiteF32 } from "./clamp_slope.ts";
import { defineUnary } from "./elementwise.ts";
import { mul } from "./mul.ts";

/** Attributes of `clamp`. */
export interface ClampAttrs {
  /** Least result; −∞ is allowed. */
  readonly low: number;
  /** Largest result; not below `low`; ∞ is allowed. */
  readonly high: number;
}

/** `y = min(max(x, low), high)`, elementwise, any shape. */
export const clamp: Op<ClampAttrs, [x: Tensor]> = defineUnary<ClampAttrs>({
  name: "clamp",
  check({ low, high }) {
    if (low <= high) return;
    throw new RookeryError(
      "config",
      `Cannot apply clamp from ${low} to ${high}: low must not be above high`,
      { op: "clamp", actual: [low, high] },
    );
  },
  cpu: (x, { low, high }) => Math.min(Math.max(x, low), high),
  wgsl: () => "  return clamp(x, p.low, p.high);",
  params: ({ low, high }) => ({
    low: { f32: finiteF32(low) },
    high: { f32: finiteF32(high) },
  }),
  flops: 2,
  gradient: ({ grad, inputs: [x], attrs }) => [mul(grad, clampSlope(x, attrs))],
});
