/**
 * The feed-forward half of a gated cross-attention block: plain, or with the
 * activation of a second linear layer multiplied in (SwiGLU: Shazeer, 2020).
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { mul } from "../../ops/mul.ts";
import { activate, type ActivationName } from "../language/activation.ts";
import { linear } from "../layers.ts";
import type { GatedFeedForwardNames } from "./cross_attention_dialect.ts";

/** Sizes of a gated feed-forward layer. */
export interface GatedFeedForwardConfig {
  /** Width between its linear layers. */
  readonly ffnWidth: number;
  /**
   * Its activation: squared ReLU in the paper, exact GELU in OpenFlamingo,
   * SiLU in IDEFICS.
   */
  readonly activation: ActivationName;
}

/** `W_down · act(W_up · h)`, or `W_down · (act(W_gate · h) · W_up · h)`. */
export function gatedFeedForward(
  scope: WeightScope,
  names: GatedFeedForwardNames,
  h: Tensor,
  { ffnWidth: outputs, activation }: GatedFeedForwardConfig,
): Tensor {
  const up = linear(scope.at(names.up), h, { outputs });
  const wide = names.gate === undefined ? activate(up, activation) : mul(
    activate(linear(scope.at(names.gate), h, { outputs }), activation),
    up,
  );
  return linear(scope.at(names.down), wide, { outputs: h.shape.at(-1)! });
}
