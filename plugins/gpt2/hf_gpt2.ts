/**
 * GPT-2 models in Hugging Face folders: sizes from `config.json`, and tensors
 * by their published names, matrices of layers turned to [out, in].
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { GPT2_HEAD, type Gpt2Config } from "../../models/language/gpt2.ts";
import { activationOf } from "../activation_names.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { ConfigJson } from "../config_json.ts";
import { transposedMatrix } from "../derived_tensor.ts";
import type { TensorMap } from "../plugin.ts";

/**
 * Sizes that a folder's `config.json` tells.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * cross-attention and unknown activations
 */
export function sizesFromConfigJson(json: ConfigJson): KnownSizes<Gpt2Config> {
  json.allow("add_cross_attention", false);
  const width = json.integer("n_embd", "hidden_size");
  return {
    layers: json.integer("n_layer", "num_hidden_layers"),
    width,
    heads: json.integer("n_head", "num_attention_heads"),
    ffnWidth: json.integer("n_inner") ?? (width && 4 * width),
    vocabulary: json.integer("vocab_size"),
    // Early files call it n_ctx.
    context: json.integer("n_positions", "max_position_embeddings", "n_ctx"),
    normEps: json.number("layer_norm_epsilon"),
    activation: activationOf(json, "activation_function"),
    isScaled: json.flag("scale_attn_weights"),
    isScaledByLayer: json.flag("scale_attn_by_inverse_layer_idx"),
    isTied: json.flag("tie_word_embeddings"),
  };
}

/** Masks that old versions saved, and that are made anew. */
const UNUSED = /(^|\.)h\.\d+\.attn\.(masked_)?bias$/;

/** Begins the names of a model that was saved without its head. */
const BARE = /^(wte|wpe|h|ln_f)\./;

/** Matrices that the files hold as [in, out]. */
const TURNED =
  /^transformer\.h\.\d+\.(attn\.c_attn|(attn|mlp)\.c_proj|mlp\.c_fc)\.weight$/;

/**
 * Tensors of a folder by the names of the templates, without masks and without
 * a copy of the tied head.
 */
export function tensorsFromFolder(
  tensors: TensorMap,
  { isTied }: Pick<Gpt2Config, "isTied">,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (UNUSED.test(name) || isTied && name === GPT2_HEAD) continue;
    const known = BARE.test(name) ? `transformer.${name}` : name;
    const isTurned = TURNED.test(known) && tensor.shape.length === 2;
    kept.set(known, isTurned ? transposedMatrix(tensor) : tensor);
  }
  return kept;
}
