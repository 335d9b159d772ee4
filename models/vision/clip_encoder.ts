/**
 * The transformer that both towers of CLIP (Radford et al., 2021) are made of:
 * layer norms first, biases everywhere. Tensor names are Hugging Face's.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { attention } from "../../ops/attention.ts";
import { activate, type ActivationName } from "../language/activation.ts";
import { joinHeads, linear, norm, splitHeads } from "../layers.ts";

/** Sizes of a tower's transformer. */
export interface ClipEncoderConfig {
  /** Width of the residual stream, d. */
  readonly width: number;
  /** Layers. */
  readonly layers: number;
  /** Attention heads; they share the width evenly. */
  readonly heads: number;
  /** Width inside feed-forward layers. */
  readonly ffnWidth: number;
  /** OpenAI's models have `quick_gelu`, most others `gelu`. */
  readonly activation: ActivationName;
  /** Added to variances in layer norms. */
  readonly normEps: number;
}

/** Options of `clipEncoder`. */
export interface ClipEncoderOptions {
  /** Whether a position sees only itself and those before it. */
  readonly isCausal: boolean;
}

/** All layers, one after the other: `x` [b, l, d] → [b, l, d]. */
export function clipEncoder(
  scope: WeightScope,
  x: Tensor,
  config: ClipEncoderConfig,
  options: ClipEncoderOptions,
): Tensor {
  for (let i = 0; i < config.layers; i++) {
    const layer = scope.at("layers", i);
    const seen = norm(layer.at("layer_norm1"), x, config.normEps);
    x = add(x, selfAttention(layer.at("self_attn"), seen, config, options));
    const thought = norm(layer.at("layer_norm2"), x, config.normEps);
    x = add(x, feedForward(layer.at("mlp"), thought, config));
  }
  return x;
}

function selfAttention(
  scope: WeightScope,
  x: Tensor,
  { width, heads }: ClipEncoderConfig,
  { isCausal }: ClipEncoderOptions,
): Tensor {
  const project = { outputs: width, hasBias: true };
  const part = (name: string): Tensor =>
    splitHeads(linear(scope.at(name), x, project), heads); // [b, l, h, k]
  const y = attention(part("q_proj"), part("k_proj"), part("v_proj"), {
    scale: 1 / Math.sqrt(width / heads),
    isCausal,
  });
  return linear(scope.at("out_proj"), joinHeads(y), project);
}

function feedForward(
  scope: WeightScope,
  x: Tensor,
  { width, ffnWidth, activation }: ClipEncoderConfig,
): Tensor {
  const wide = linear(scope.at("fc1"), x, { outputs: ffnWidth, hasBias: true });
  const active = activate(wide, activation);
  return linear(scope.at("fc2"), active, { outputs: width, hasBias: true });
}
