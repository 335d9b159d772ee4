/**
 * LLaMA models in Hugging Face folders: sizes from `config.json`, as
 * transformers 4 and 5 write it.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { asObject, type JsonObject } from "../json_file.ts";
import type { TensorMap } from "../plugin.ts";
import type { LlamaSizes } from "./llama_sizes.ts";

/** What transformers takes where the file says nothing. */
const DEFAULT_EPS = 1e-6, DEFAULT_THETA = 10_000;

/**
 * Sizes that a folder's `config.json` tells.
 *
 * @param path of the folder, for messages
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * scaled rotary positions, biases and other activations
 */
export function sizesFromConfigJson(
  path: string,
  json: JsonObject,
): LlamaSizes {
  checkDialect(path, json);
  const read = (key: string, object: JsonObject = json) => {
    const value = object[key] ?? undefined;
    if (value === undefined || typeof value === "number") return value;
    throw cannotRead(
      path,
      `${key} in its config.json is ${quoted(value)}: it must be a number`,
      { actual: value },
    );
  };
  const width = read("hidden_size");
  const heads = read("num_attention_heads");
  const rope = asObject(json["rope_parameters"]) ?? {};
  return {
    layers: read("num_hidden_layers"),
    width,
    heads,
    kvHeads: read("num_key_value_heads") ?? heads,
    headDim: read("head_dim") ?? (width && heads ? width / heads : undefined),
    ffnWidth: read("intermediate_size"),
    vocabulary: read("vocab_size"),
    normEps: read("rms_norm_eps") ?? DEFAULT_EPS,
    ropeTheta: read("rope_theta", rope) ?? read("rope_theta") ?? DEFAULT_THETA,
    context: read("max_position_embeddings") ?? 2048,
    isTied: json["tie_word_embeddings"] === true,
  };
}

function checkDialect(path: string, json: JsonObject): void {
  const rope = asObject(json["rope_scaling"]) ??
    asObject(json["rope_parameters"]) ?? {};
  const kind = rope["rope_type"] ?? rope["type"] ?? "default";
  const found = kind !== "default"
    ? `its rotary positions are scaled by ${quoted(kind)}: only unscaled ones`
    : json["attention_bias"] === true
    ? "its attention_bias is true: only attention without biases"
    : json["mlp_bias"] === true
    ? "its mlp_bias is true: only feed-forward layers without biases"
    : (json["hidden_act"] ?? "silu") !== "silu"
    ? `its hidden_act is ${quoted(json["hidden_act"])}: only "silu"`
    : undefined;
  if (found === undefined) return;
  throw new RookeryError(
    "config",
    `Cannot run ${path} as ${found} can be run`,
    {
      path,
      actual: json,
    },
  );
}

/** Tensors of a folder, without copies and tables that are computed anew. */
export function tensorsFromFolder(
  tensors: TensorMap,
  isTied: boolean,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (name.endsWith(".rotary_emb.inv_freq")) continue;
    if (isTied && name === "lm_head.weight") continue;
    kept.set(name, tensor);
  }
  return kept;
}
