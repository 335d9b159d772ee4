/**
 * Derivative of GELU, an op of its own so that gradients stay elementwise.
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

/** 1/√(2π), the normal density at 0. */
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

/**
 * `y = Φ(x) + x·φ(x)` with the normal density φ, or the derivative of the
 * tanh form; elementwise, any shape.
 */
export const geluSlope: Op<GeluAttrs, [x: Tensor]> = defineUnary<GeluAttrs>({
  name: "gelu_slope",
  check: (attrs) => checkGelu("gelu_slope", attrs),
  cpu(x, { approximate }) {
    if (approximate === "none") {
      const phi = DENSITY * Math.exp(-x * x / 2);
      return (1 + erf(x * Math.SQRT1_2)) / 2 + x * phi;
    }
    const tanh = Math.tanh(TANH_SCALE * (x + TANH_CUBE * x ** 3));
    const inner = TANH_SCALE * (1 + 3 * TANH_CUBE * x * x);
    return (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * inner;
  },
  declarations: ERF_WGSL,
  wgsl: ({ approximate }) =>
    approximate === "none"
      ? `  let v = clamp(x, -12.0, 12.0);
  let phi = ${DENSITY} * exp(-0.5 * v * v);
  return 0.5 * (1.0 + erf_of(x * ${Math.SQRT1_2})) + v * phi;`
      : `  let v = clamp(x, -12.0, 12.0);
  let u = ${TANH_SCALE} * (v + ${TANH_CUBE} * v * v * v);
  let t = tanh(clamp(u, -15.0, 15.0));
  let inner = ${TANH_SCALE} * (1.0 + ${3 * TANH_CUBE} * v * v);
  return 0.5 * (1.0 + t) + 0.5 * v * (1.0 - t * t) * inner;`,
  flops: 20,
  gradient: "none",
});
