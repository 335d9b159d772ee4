/**
 * The feed-forward half of resampler layers and gated blocks, as a
 * `Sequential(norm, linear, activation, linear)` without biases.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { gelu } from "../../ops/gelu.ts";
import { squaredRelu } from "../../ops/squared_relu.ts";
import { linear, norm } from "../layers.ts";

/** Squared ReLU in the paper, exact GELU in OpenFlamingo. */
export type Activation = "squared_relu" | "gelu";

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/** `W3 · act(W1 · norm(x))`, the weights under `0` (norm), `1` and `3`. */
export function feedForward(
  scope: WeightScope,
  x: Tensor,
  config: { readonly ffMult: number; readonly activation: Activation },
): Tensor {
  const width = x.shape.at(-1)!;
  const h = norm(scope.at(0), x, NORM_EPS);
  const wide = linear(scope.at(1), h, { outputs: width * config.ffMult });
  const active = config.activation === "gelu"
    ? gelu(wide, { approximate: "none" })
    : squaredRelu(wide);
  return linear(scope.at(3), active, { outputs: width });
}
