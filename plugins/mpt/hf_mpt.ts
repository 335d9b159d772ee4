/**
 * MPT models in Hugging Face folders: sizes from `config.json` as transformers,
 * `llm-foundry` and the older `mosaic_gpt` write it, tensors by the names of
 * transformers.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { MPT_HEAD, type MptConfig } from "../../models/language/mpt.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import { ConfigJson } from "../config_json.ts";
import type { DecoderFiles } from "../decoder_part.ts";
import { asObject, type JsonObject } from "../json_file.ts";
import type { PartSource, TensorMap } from "../plugin.ts";

/** Folders with `config.json`, or without where the config gives all sizes. */
export function mptFolder(): DecoderFiles<MptConfig> {
  return {
    isOf: ({ metadata }) => metadata["general.architecture"] === undefined,
    async sizes(source) {
      const json = await source.json("config.json");
      return json === undefined ? {} : sizesFromConfigJson(source, json);
    },
    tensors: tensorsFromFolder,
  };
}

/** Rows of these tell the width of the feed-forward layer. */
const UP_NAMES = [
  "transformer.blocks.0.ffn.up_proj.weight",
  "transformer.blocks.0.mlp.mlp_up.weight",
];

/**
 * Sizes that a folder's `config.json` and its tensors tell. Keys of attention
 * stand in `attn_config`, or beside the others in `mosaic_gpt`.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * models that cannot be run
 */
export function sizesFromConfigJson(
  { path, shapes }: Pick<PartSource, "path" | "shapes">,
  json: JsonObject,
): KnownSizes<MptConfig> {
  const outer = new ConfigJson(path, json);
  const attention = new ConfigJson(path, attentionKeys(json));
  checkDialect(outer, attention);
  const width = outer.integer("d_model", "hidden_size");
  const ratio = outer.number("expansion_ratio", "mlp_ratio");
  const hasNoBias = outer.flag("no_bias");
  const clip = attention.number("clip_qkv", "attn_clip_qkv");
  return {
    layers: outer.integer("n_layers", "num_hidden_layers"),
    width,
    heads: outer.integer("n_heads", "num_attention_heads"),
    kvHeads: kvHeadsOf(attention),
    ffnWidth: ffnWidthOf(shapes) ??
      outer.object("ffn_config").integer("ffn_hidden_size") ??
      (width && ratio ? Math.floor(width * ratio) : undefined),
    vocabulary: outer.integer("vocab_size"),
    context: outer.integer("max_seq_len"),
    normEps: outer.number("layer_norm_epsilon", "norm_eps"),
    positions: positionsOf(outer, attention, shapes),
    alibiBiasMax: attention.number("alibi_bias_max"),
    softmaxScale: attention.number("softmax_scale"),
    // The reference takes 0 for no cut.
    clipQkv: clip === 0 ? undefined : clip,
    hasQkNorm: attention.flag("qk_ln", "attn_qk_ln"),
    hasBias: hasNoBias === undefined ? undefined : !hasNoBias,
    logitScale: logitScaleOf(path, json["logit_scale"], width),
    isTied: outer.flag("tie_word_embeddings"),
  };
}

/** Keys of attention by their newer names where both are there. */
function attentionKeys(json: JsonObject): JsonObject {
  return { ...json, ...asObject(json["attn_config"]) };
}

function checkDialect(outer: ConfigJson, attention: ConfigJson): void {
  attention.allow(
    "attn_type",
    "multihead_attention",
    "multiquery_attention",
    "grouped_query_attention",
  );
  attention.allow("rope", false);
  attention.allow("prefix_lm", false);
  attention.allow("qk_gn", false);
  attention.allow("fused_qkv", true);
  attention.allow("sliding_window_size", -1);
  attention.allow("attn_logit_softcapping", "none");
  outer.allow("final_logit_softcapping", "none");
  outer.allow("norm_type", "low_precision_layernorm", "layernorm");
  outer.allow("block_overrides", "none");
  const ffn = outer.object("ffn_config");
  ffn.allow("ffn_type", "mptmlp");
  ffn.allow("ffn_act_fn", "none");
}

/** Undefined where every query head has its own. */
function kvHeadsOf(attention: ConfigJson): number | undefined {
  const kind = attention.text("attn_type");
  if (kind === "multiquery_attention") return 1;
  if (kind !== "grouped_query_attention") return undefined;
  const count = attention.integer("kv_n_heads");
  if (count !== undefined) return count;
  throw attention.refusal(
    `its attn_type is ${quoted(kind)} without kv_n_heads`,
    "models that name the count",
  );
}

function ffnWidthOf(shapes: PartSource["shapes"]): number | undefined {
  const name = UP_NAMES.find((each) => shapes.has(each));
  return name === undefined ? undefined : shapes.get(name)![0];
}

/**
 * @throws {RookeryError} `config` for a model without ALiBi whose positions
 * are not learnt
 */
function positionsOf(
  outer: ConfigJson,
  attention: ConfigJson,
  shapes: PartSource["shapes"],
): MptConfig["positions"] | undefined {
  const isAlibi = attention.flag("alibi");
  if (isAlibi ?? !shapes.has("transformer.wpe.weight")) return "alibi";
  if (outer.flag("learned_pos_emb") !== false) return "learned";
  throw outer.refusal(
    "it has neither alibi nor learned_pos_emb",
    "models with one of them",
  );
}

function logitScaleOf(
  path: string,
  value: unknown,
  width: number | undefined,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "inv_sqrt_d_model") return width && 1 / Math.sqrt(width);
  if (typeof value === "number") return value;
  throw cannotRead(
    path,
    `logit_scale in its config.json is ${quoted(value)}: it must be a number ` +
      'or "inv_sqrt_d_model"',
    { actual: value },
  );
}

/** Names of `mosaic_gpt` within a block or beside the blocks. */
const NEWER_NAMES: ReadonlyMap<string, string> = new Map([
  ["ln_1", "norm_1"],
  ["ln_2", "norm_2"],
  ["ln_f", "norm_f"],
  ["mlp.mlp_up", "ffn.up_proj"],
  ["mlp.mlp_down", "ffn.down_proj"],
]);

/** Begins the names of a model that was saved without its head. */
const BARE = /^(blocks|wte|wpe|norm_f|ln_f)\./;

/**
 * Tensors of a folder by the names of transformers, without the copy that a
 * tied head is.
 *
 * @throws {RookeryError} `weights` when two of them get the same name
 */
export function tensorsFromFolder(
  tensors: TensorMap,
  { isTied }: Pick<MptConfig, "isTied">,
): TensorMap {
  const kept = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (isTied && name === MPT_HEAD) continue;
    const known = newerName(BARE.test(name) ? `transformer.${name}` : name);
    if (kept.has(known)) {
      throw new RookeryError(
        "weights",
        `Cannot use tensor ${name} as ${known} as another tensor has that ` +
          "name already: a file must hold it once",
        { path: name, actual: known },
      );
    }
    kept.set(known, tensor);
  }
  return kept;
}

function newerName(name: string): string {
  const [, start, middle, end] =
    /^(transformer\.(?:blocks\.\d+\.)?)(.+)\.(weight|bias)$/.exec(name) ?? [];
  const known = middle === undefined ? undefined : NEWER_NAMES.get(middle);
  return known === undefined ? name : `${start}${known}.${end}`;
}
