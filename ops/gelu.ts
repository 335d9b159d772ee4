/**
 * GELU (Hendrycks and Gimpel, 2016), exact and in its tanh approximation.
 *
 * @module
 */

import type { Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { defineUnary } from "./elementwise.ts";
import { erf, ERF_WGSL } from "./erf.ts";
import {
  checkGelu,
  type GeluAttrs,
  TANH_CUBE,
  TANH_SCALE,
} from "./gelu_form.ts";
import { geluSlope } from "./gelu_slope.ts";
import { mul } from "./mul.ts";

export type { GeluAttrs };

/** `y = x · Φ(x)` or its tanh approximation, elementwise, any shape. */
export const gelu: Op<GeluAttrs, [x: Tensor]> = defineUnary<GeluAttrs>({
  name: "gelu",
  check: (attrs) => checkGelu("gelu", attrs),
  cpu: (x, { approximate }) =>
    approximate === "none"
      ? x / 2 * (1 + erf(x * Math.SQRT1_2))
      : x / 2 * (1 + Math.tanh(TANH_SCALE * (x + TANH_CUBE * x ** 3))),
  declarations: ERF_WGSL,
  // Some devices make NaN of tanh where exp overflows; at ±15 it is ±1.
  wgsl: ({ approximate }) =>
    approximate === "none"
      ? `  return 0.5 * x * (1.0 + erf_of(x * ${Math.SQRT1_2}));`
      : `  let u = ${TANH_SCALE} * (x + ${TANH_CUBE} * x * x * x);
  return 0.5 * x * (1.0 + tanh(clamp(u, -15.0, 15.0)));`,
  flops: 16,
  gradient: ({ grad, inputs: [x], attrs }) => [mul(grad, geluSlope(x, attrs))],
});
