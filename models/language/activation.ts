/**
 * Activations that the feed-forward layers of language models choose from.
 *
 * @module
 */

import type { Tensor } from "../../core/tensor.ts";
import { gelu } from "../../ops/gelu.ts";
import { quickGelu } from "../../ops/quick_gelu.ts";
import { relu } from "../../ops/relu.ts";
import { silu } from "../../ops/silu.ts";
import { squaredRelu } from "../../ops/squared_relu.ts";
import { tanh } from "../../ops/tanh.ts";

/** Names of the activations: exact GELU is `gelu`, its tanh form `gelu_tanh`. */
export const ACTIVATIONS = [
  "relu",
  "squared_relu",
  "gelu",
  "gelu_tanh",
  "quick_gelu",
  "silu",
  "tanh",
] as const;

/** One of {@link ACTIVATIONS}. */
export type ActivationName = typeof ACTIVATIONS[number];

/** The activation of every element of `x`, any shape. */
export function activate(x: Tensor, name: ActivationName): Tensor {
  switch (name) {
    case "relu":
      return relu(x);
    case "squared_relu":
      return squaredRelu(x);
    case "gelu":
      return gelu(x, { approximate: "none" });
    case "gelu_tanh":
      return gelu(x, { approximate: "tanh" });
    case "quick_gelu":
      return quickGelu(x);
    case "silu":
      return silu(x);
    case "tanh":
      return tanh(x);
  }
}
