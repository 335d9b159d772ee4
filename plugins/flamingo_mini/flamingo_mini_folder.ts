/**
 * Folders of flamingo-mini as configs. They name their language model and
 * vision tower, whose weights may be left out: those are looked for in a folder
 * of that name in the model's own, else on the hub.
 *
 * @module
 */

import { ConfigJson } from "../config_json.ts";
import type { JsonObject } from "../json_file.ts";
import { didYouMean } from "../nearest_name.ts";
import type { FolderModel, FolderSource, PartContext } from "../plugin.ts";
import { CLIP_PIXELS } from "../processor_json.ts";
import { miniTokens } from "./mini_tokens.ts";
import {
  LANGUAGE_NAMES,
  languageSizes,
  VISION_NAMES,
  visionSize,
} from "./named_models.ts";

/** Folders of flamingo-mini, whose `model_type` is an empty text. */
export function flamingoMiniFolder(): FolderModel {
  return {
    modelTypes: ["flamingo-mini", "flamingo_mini"],
    recognises: (json) =>
      typeof json["clip_model_type"] === "string" &&
      typeof json["lm"] === "string",
    configOf,
  };
}

async function configOf(source: FolderSource): Promise<JsonObject> {
  const config = new ConfigJson(
    source.path,
    (await source.json("config.json"))!,
  );
  const shapes = await source.shapes();
  const language = await languageOf(config, source, shapes);
  return {
    kind: "flamingo",
    schema: 1,
    vision: await visionOf(config, source, shapes),
    image: { fit: "crop", resize: "bicubic", ...CLIP_PIXELS },
    resampler: resamplerOf(config),
    language,
    crossAttention: crossAttentionOf(config),
    bridge: { format: "flamingo_mini", weights: "." },
    ...await miniTokens(config, source, shapes),
    prompt: {
      caption: "{text}",
      answer: "Question: {question} Answer: {answer}",
    },
  };
}

type Shapes = PartContext["overrides"];

/** A name of the language model's own layers. */
const LAYER = /^(?:module\.)?(?:flamingo\.)?lm\.(?!.*\.xattn_block\.).*\.\d+\./;

const TOWER = /^(?:module\.)?(?:flamingo\.)?vision_encoder\./;

async function languageOf(
  config: ConfigJson,
  source: FolderSource,
  shapes: Shapes,
): Promise<JsonObject> {
  const name = config.text("lm")!;
  const part = name.startsWith("gpt") ? "gpt2/decoder" : "opt/decoder";
  if (await isFolder(name, source)) return { part, weights: name };
  const sizes = languageSizes(name);
  if (sizes === undefined) throw unknown(config, "lm", LANGUAGE_NAMES);
  const isWhole = shapes.keys().some((each) => LAYER.test(each));
  return { part, ...sizes, ...(isWhole ? {} : { weights: { hub: name } }) };
}

async function visionOf(
  config: ConfigJson,
  source: FolderSource,
  shapes: Shapes,
): Promise<JsonObject> {
  const name = config.text("clip_model_type")!;
  const usual = { part: "clip/vit", tokens: "all", postNorm: false };
  if (await isFolder(name, source)) return { ...usual, weights: name };
  const size = visionSize(name);
  if (size === undefined) {
    throw unknown(config, "clip_model_type", VISION_NAMES);
  }
  const isWhole = shapes.keys().some((each) => TOWER.test(each));
  return { ...usual, size, ...(isWhole ? {} : { weights: { hub: name } }) };
}

async function isFolder(
  name: string,
  { json }: FolderSource,
): Promise<boolean> {
  return await json(`${name}/config.json`) !== undefined;
}

function unknown(
  config: ConfigJson,
  key: string,
  known: readonly string[],
): Error {
  const name = config.text(key)!;
  return config.refusal(
    `its ${key} is "${name}"${didYouMean(name, known)}, whose sizes are not ` +
      "known, and there is no such folder in it",
    known.join(", "),
  );
}

function resamplerOf(config: ConfigJson): JsonObject {
  return {
    part: "perceiver",
    dialect: "flamingo_mini",
    depth: config.integer("resampler_depth") ?? 6,
    latents: config.integer("resampler_num_latents") ?? 64,
    heads: config.integer("resampler_heads") ?? 8,
    headDim: config.integer("resampler_dim_head") ?? 64,
    ffMult: config.integer("resampler_ff_mult") ?? 4,
    timeEmbeddings: config.integer("resampler_num_time_embeds") ?? 4,
    activation: activationOf(config, "resampler_act"),
  };
}

function crossAttentionOf(config: ConfigJson): JsonObject {
  return {
    dialect: "flamingo_mini",
    every: config.integer("xattn_every") ?? 1,
    heads: config.integer("xattn_heads") ?? 8,
    headDim: config.integer("xattn_dim_head") ?? 64,
    ffMult: config.integer("xattn_ff_mult") ?? 4,
    activation: activationOf(config, "xattn_act"),
  };
}

function activationOf(config: ConfigJson, key: string): string {
  config.allow(key, "gelu", "sqrelu", "relu");
  const name = config.text(key) ?? "gelu";
  return name === "sqrelu" ? "squared_relu" : name;
}
