/**
 * Sizes of DINOv2 models from a Hugging Face `config.json`.
 *
 * @module
 */

import type { Dinov2Config } from "../../models/vision/dinov2.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { ConfigJson } from "../config_json.ts";

/**
 * Sizes that a `config.json` tells.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * models of another type, other activations, and pictures of other channels
 */
export function sizesFromConfigJson(
  json: ConfigJson,
): KnownSizes<Dinov2Config> {
  json.allow("model_type", "dinov2");
  json.allow("hidden_act", "gelu");
  json.allow("num_channels", 3);
  const width = json.integer("hidden_size") ?? 768;
  const hidden = Math.floor(width * (json.number("mlp_ratio") ?? 4));
  const isGated = json.flag("use_swiglu_ffn") ?? false;
  return {
    px: json.integer("image_size") ?? 224,
    patchPx: json.integer("patch_size") ?? 14,
    width,
    layers: json.integer("num_hidden_layers") ?? 12,
    heads: json.integer("num_attention_heads") ?? 12,
    ffnWidth: isGated ? gatedWidth(hidden) : hidden,
    activation: isGated ? "swiglu" : "gelu",
    hasQkvBias: json.flag("qkv_bias") ?? true,
    normEps: json.number("layer_norm_eps") ?? 1e-6,
  };
}

/** Gates cost as much as a third of the width, which is a multiple of 8. */
function gatedWidth(hidden: number): number {
  return Math.ceil(Math.floor(hidden * 2 / 3) / 8) * 8;
}
