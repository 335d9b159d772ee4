/**
 * GPT-NeoX models in Hugging Face folders: sizes from `config.json`, as
 * transformers 4 and 5 write it, and tensors by their published names.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  GPT_NEOX_HEAD,
  type GptNeoxConfig,
} from "../../models/language/gpt_neox.ts";
import { activationOf } from "../activation_names.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { ConfigJson } from "../config_json.ts";
import type { TensorMap } from "../plugin.ts";

/** Part of each head that turns where the file says nothing. */
const DEFAULT_FRACTION = 0.25;

/**
 * Sizes that a folder's `config.json` tells.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * scaled rotary positions and unknown activations
 */
export function sizesFromConfigJson(
  json: ConfigJson,
): KnownSizes<GptNeoxConfig> {
  const width = json.integer("hidden_size");
  const heads = json.integer("num_attention_heads");
  const { theta, fraction = DEFAULT_FRACTION } = json.rotary();
  return {
    layers: json.integer("num_hidden_layers"),
    width,
    heads,
    ffnWidth: json.integer("intermediate_size"),
    vocabulary: json.integer("vocab_size"),
    context: json.integer("max_position_embeddings") ?? 2048,
    normEps: json.number("layer_norm_eps"),
    ropeTheta: theta,
    rotaryDims: width && heads
      ? Math.floor(width / heads * fraction)
      : undefined,
    activation: activationOf(json, "hidden_act"),
    isParallel: json.flag("use_parallel_residual"),
    hasAttentionBias: json.flag("attention_bias"),
    isTied: json.flag("tie_word_embeddings"),
  };
}

/** Tables and masks that old versions saved, and that are made anew. */
const UNUSED = /(^|\.)(rotary_emb\.inv_freq|attention\.(masked_)?bias)$/;

/** Begins the names of a model that was saved without its head. */
const BARE = /^(layers|embed_in|final_layer_norm)\./;

/**
 * Tensors of a folder by their published names, without copies and tables
 * that are computed anew.
 */
export function tensorsFromFolder(
  tensors: TensorMap,
  { isTied }: Pick<GptNeoxConfig, "isTied">,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    // Since version 5, transformers calls the head as other models do.
    const known = name === "lm_head.weight"
      ? GPT_NEOX_HEAD
      : BARE.test(name)
      ? `gpt_neox.${name}`
      : name;
    if (UNUSED.test(name) || isTied && known === GPT_NEOX_HEAD) continue;
    kept.set(known, tensor);
  }
  return kept;
}
