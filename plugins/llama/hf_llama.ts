/**
 * LLaMA models in Hugging Face folders: sizes from `config.json`, as
 * transformers 4 and 5 write it.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { LLAMA_HEAD, type LlamaConfig } from "../../models/language/llama.ts";
import { activationOf } from "../activation_names.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { ConfigJson } from "../config_json.ts";
import type { TensorMap } from "../plugin.ts";
import { ropeOfFolder } from "./hf_rope.ts";

/** What transformers takes where the file says nothing. */
const DEFAULT_CONTEXT = 2048;

/**
 * Sizes that a folder's `config.json` tells.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * scaled rotary positions and activations that are not known
 */
export function sizesFromConfigJson(
  json: ConfigJson,
): KnownSizes<LlamaConfig> {
  const told = json.integer("max_position_embeddings") ?? DEFAULT_CONTEXT;
  const { theta, scaling } = ropeOfFolder(json, told);
  // Past it, this kind would need other frequencies for cached keys.
  const most = scaling.kind === "longrope" ? scaling.originalContext! : told;
  return {
    layers: json.integer("num_hidden_layers"),
    width: json.integer("hidden_size"),
    heads: json.integer("num_attention_heads"),
    kvHeads: json.integer("num_key_value_heads"),
    headDim: json.integer("head_dim"),
    ffnWidth: json.integer("intermediate_size"),
    vocabulary: json.integer("vocab_size"),
    normEps: json.number("rms_norm_eps"),
    ropeTheta: theta,
    ropeScaling: scaling,
    context: Math.min(told, most),
    activation: activationOf(json, "hidden_act"),
    hasAttentionBias: json.flag("attention_bias"),
    hasFfnBias: json.flag("mlp_bias"),
    isTied: json.flag("tie_word_embeddings"),
  };
}

/** Begins the names of a model that was saved without its head. */
const BARE = /^(embed_tokens|layers|norm)\./;

/** Tensors of a folder, without copies and tables that are computed anew. */
export function tensorsFromFolder(
  tensors: TensorMap,
  { isTied }: Pick<LlamaConfig, "isTied">,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (name.endsWith("rotary_emb.inv_freq")) continue;
    if (isTied && name === LLAMA_HEAD) continue;
    kept.set(BARE.test(name) ? `model.${name}` : name, tensor);
  }
  return kept;
}
