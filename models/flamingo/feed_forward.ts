/**
 * The feed-forward half of resampler layers and gated blocks: norm, linear,
 * activation, linear, without biases.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { gelu } from "../../ops/gelu.ts";
import { relu } from "../../ops/relu.ts";
import { squaredRelu } from "../../ops/squared_relu.ts";
import { linear, norm } from "../layers.ts";

/**
 * Squared ReLU in the paper, exact GELU in OpenFlamingo, ReLU in the resampler
 * of IDEFICS.
 */
export type Activation = "squared_relu" | "gelu" | "relu";

/** Where the weights of a feed-forward layer lie. */
export interface FeedForwardNames {
  /** Of its layer norm. */
  readonly norm: string;
  /** Of the linear layer that widens. */
  readonly up: string;
  /** Of the linear layer that narrows. */
  readonly down: string;
}

/** Sizes and choices of a feed-forward layer. */
export interface FeedForwardConfig {
  /** Width between the linear layers over the width outside. */
  readonly ffMult: number;
  /** Between the linear layers. */
  readonly activation: Activation;
  /** Names of its weights; those of `Sequential` where left out. */
  readonly names?: FeedForwardNames;
}

/** The layers of `Sequential(norm, linear, activation, linear)`. */
const SEQUENTIAL: FeedForwardNames = { norm: "0", up: "1", down: "3" };

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/** `down · act(up · norm(x))`: x [.., d] → [.., d]. */
export function feedForward(
  scope: WeightScope,
  x: Tensor,
  { ffMult, activation, names = SEQUENTIAL }: FeedForwardConfig,
): Tensor {
  const width = x.shape.at(-1)!;
  const h = norm(scope.at(names.norm), x, NORM_EPS);
  const wide = linear(scope.at(names.up), h, { outputs: width * ffMult });
  const active = activate(wide, activation);
  return linear(scope.at(names.down), active, { outputs: width });
}

function activate(x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case "gelu":
      return gelu(x, { approximate: "none" });
    case "relu":
      return relu(x);
    case "squared_relu":
      return squaredRelu(x);
  }
}
