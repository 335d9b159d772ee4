/**
 * IDEFICS folders as configs: sizes from `config.json`, in its early flat form
 * and in its later nested one (transformers `configuration_idefics.py`).
 *
 * @module
 */

import { ConfigJson } from "../config_json.ts";
import { CLIP_PIXELS } from "../processor_json.ts";
import type { JsonObject } from "../json_file.ts";
import type { FolderModel, FolderSource } from "../plugin.ts";

/** Known to the tokenizers of models that were tuned to dialogues. */
const UTTERANCE_END = "<end_of_utterance>";

/** Folders of IDEFICS. */
export function ideficsFolder(): FolderModel {
  return { modelTypes: ["idefics"], configOf };
}

async function configOf({ path, json }: FolderSource): Promise<JsonObject> {
  const config = new ConfigJson(path, (await json("config.json"))!);
  config.allow("hidden_act", "silu");
  const hasTokenizer = await json("tokenizer.json") !== undefined;
  return {
    kind: "flamingo",
    schema: 1,
    vision: visionOf(config),
    image: { fit: "stretch", resize: "bicubic", ...CLIP_PIXELS },
    resampler: resamplerOf(config),
    language: languageOf(config),
    crossAttention: crossAttentionOf(config),
    bridge: { format: "idefics", weights: "." },
    ...(hasTokenizer ? { tokenizer: { from: "." } } : {}),
    tokens: await tokensOf(config, json),
    prompt: {
      caption: "{text}",
      answer: "Question: {question} Answer: {answer}",
    },
  };
}

function visionOf(config: ConfigJson): JsonObject {
  const own = config.object("vision_config");
  const read = (key: string, flat: string, usual: number) =>
    own.integer(key) ?? config.integer(flat) ?? usual;
  own.allow("hidden_act", "gelu", "quick_gelu");
  return {
    part: "clip/vit",
    px: read("image_size", "vision_image_size", 224),
    patchPx: read("patch_size", "vision_patch_size", 14),
    width: widthOf(config),
    layers: read("num_hidden_layers", "vision_num_hidden_layers", 32),
    heads: read("num_attention_heads", "vision_num_attention_heads", 16),
    ffnWidth: read("intermediate_size", "vision_intermediate_size", 5120),
    activation: own.text("hidden_act") ?? "gelu",
    normEps: own.number("layer_norm_eps") ?? 1e-5,
    tokens: "all",
    postNorm: false,
  };
}

function widthOf(config: ConfigJson): number {
  const own = config.object("vision_config");
  return own.integer("embed_dim", "hidden_size") ??
    config.integer("vision_embed_dim") ?? 768;
}

/** Without a resampler the language model reads all of a picture's features. */
function resamplerOf(config: ConfigJson): JsonObject {
  if (config.flag("use_resampler") !== true) return { part: "identity" };
  const own = config.object("perceiver_config");
  const read = (key: string, usual: number) =>
    own.integer(key) ?? config.integer(key) ?? usual;
  const key = "qk_layer_norms_perceiver";
  return {
    part: "perceiver",
    dialect: "idefics",
    width: widthOf(config),
    depth: read("resampler_depth", 6),
    latents: read("resampler_n_latents", 64),
    heads: read("resampler_n_heads", 16),
    headDim: read("resampler_head_dim", 96),
    qkNorms: own.flag(key) ?? config.flag(key) ?? false,
  };
}

function languageOf(config: ConfigJson): JsonObject {
  const width = config.integer("hidden_size") ?? 4096;
  const heads = config.integer("num_attention_heads") ?? 32;
  const added = config.number("additional_vocab_size") ?? 0;
  return {
    part: "llama/decoder",
    layers: config.integer("num_hidden_layers") ?? 32,
    width,
    heads,
    kvHeads: heads,
    headDim: width / heads,
    ffnWidth: config.integer("intermediate_size") ?? 11008,
    vocabulary: (config.integer("vocab_size") ?? 32000) + added,
    normEps: config.number("rms_norm_eps") ?? 1e-6,
    ropeTheta: config.rotary().theta ?? 10_000,
    context: config.integer("max_position_embeddings") ?? 2048,
    isTied: config.flag("tie_word_embeddings") ?? false,
  };
}

function crossAttentionOf(config: ConfigJson): JsonObject {
  const width = config.integer("hidden_size") ?? 4096;
  const heads = config.integer("num_attention_heads") ?? 32;
  const alpha = config.text("alpha_type") ?? "float";
  config.allow("alpha_type", "float", "vector");
  return {
    dialect: "idefics",
    every: config.integer("cross_layer_interval") ?? 1,
    heads,
    headDim: width / heads,
    ffnWidth: config.integer("intermediate_size") ?? 11008,
    normEps: config.number("rms_norm_eps") ?? 1e-6,
    gate: alpha === "vector" ? "vector" : "scalar",
    qkNorms: config.flag("qk_layer_norms") ?? false,
  };
}

/**
 * Marks by the tokenizer's names; without a tokenizer the added tokens stand
 * in their usual order after the vocabulary.
 */
async function tokensOf(
  config: ConfigJson,
  json: FolderSource["json"],
): Promise<JsonObject> {
  const vocabulary = config.integer("vocab_size") ?? 32000;
  const closingId = await endId(json);
  const shared = {
    startId: config.number("bos_token_id") ?? 1,
    closingId,
    trim: true,
  };
  const tokenizer = await json("tokenizer.json");
  if (tokenizer === undefined) {
    const isInstruct = (config.number("additional_vocab_size") ?? 0) > 2;
    const id = vocabulary + 2;
    return {
      ...shared,
      imageId: vocabulary + 1,
      aroundId: vocabulary,
      endOfChunkId: isInstruct ? id : closingId,
      ...(isInstruct ? { betweenId: id } : {}),
    };
  }
  const isInstruct = JSON.stringify(tokenizer["added_tokens"] ?? [])
    .includes(UTTERANCE_END);
  return {
    ...shared,
    image: "<image>",
    around: "<fake_token_around_image>",
    ...(isInstruct
      ? { endOfChunk: UTTERANCE_END, between: UTTERANCE_END }
      : { endOfChunkId: closingId }),
  };
}

/** The end of a sequence; transformers 5 may write a list of them. */
async function endId(json: FolderSource["json"]): Promise<number> {
  const value = (await json("config.json"))?.["eos_token_id"];
  const [first] = Array.isArray(value) ? value : [value];
  return typeof first === "number" ? first : 2;
}
