/**
 * OPT models in Hugging Face folders: sizes from `config.json`, and tensors by
 * their published names.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { OPT_HEAD, type OptConfig } from "../../models/language/opt.ts";
import { activationOf } from "../activation_names.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { ConfigJson } from "../config_json.ts";
import type { TensorMap } from "../plugin.ts";

/**
 * Sizes that a folder's `config.json` tells.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * unknown activations
 */
export function sizesFromConfigJson(json: ConfigJson): KnownSizes<OptConfig> {
  const width = json.integer("hidden_size");
  const isPreNorm = json.flag("do_layer_norm_before") ?? true;
  // Models that were tuned with early versions of transformers lack the norm.
  const isRemoved = json.flag("_remove_final_layer_norm") ?? false;
  return {
    layers: json.integer("num_hidden_layers"),
    width,
    embeddingWidth: json.integer("word_embed_proj_dim") ?? width,
    heads: json.integer("num_attention_heads"),
    ffnWidth: json.integer("ffn_dim"),
    vocabulary: json.integer("vocab_size"),
    context: json.integer("max_position_embeddings") ?? 2048,
    normEps: undefined,
    activation: activationOf(json, "activation_function"),
    isPreNorm,
    hasFinalNorm: isPreNorm && !isRemoved,
    hasBias: json.flag("enable_bias"),
    hasNormWeights: json.flag("layer_norm_elementwise_affine"),
    isTied: json.flag("tie_word_embeddings"),
  };
}

/**
 * Tensors of a folder by their published names: old files lack the `model.`
 * before them, and a tied head may be there as a copy.
 */
export function tensorsFromFolder(
  tensors: TensorMap,
  { isTied }: Pick<OptConfig, "isTied">,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (isTied && name === OPT_HEAD) continue;
    const known = name.startsWith("decoder.") ? `model.${name}` : name;
    kept.set(known, tensor);
  }
  return kept;
}
