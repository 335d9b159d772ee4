/**
 * Sizes of CLIP models: the published ones by name, and those that a folder's
 * `config.json` tells, as transformers 4 and 5 write it.
 *
 * @module
 */

import type { ClipTextConfig } from "../../models/contrastive/clip_text.ts";
import type { ActivationName } from "../../models/language/activation.ts";
import type { ClipEncoderConfig } from "../../models/vision/clip_encoder.ts";
import type { ClipVitConfig } from "../../models/vision/clip_vit.ts";
import { activationOf } from "../activation_names.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import { ConfigJson } from "../config_json.ts";
import type { PartContext } from "../plugin.ts";

/** What a vision tower's section or files tell of it. */
export type VisionSizes = Omit<ClipVitConfig, "tokens" | "postNorm">;

/** What a text tower's section or files tell of it. */
export type TextSizes =
  & Omit<ClipTextConfig, "visionWidth" | "endToken">
  & { readonly endToken: number };

/** Names of the published sizes, as `size` in configs. */
export const SIZE_NAMES = ["B/32", "B/16", "L/14", "L/14-336", "H/14"] as const;

/** One of the published sizes. */
export type SizeName = typeof SIZE_NAMES[number];

const NORM_EPS = 1e-5;

/** The vision tower of a published size. */
export function publishedVision(size: SizeName): VisionSizes {
  const tower = (
    sizes: readonly [number, number, number, number],
    px: number,
    patchPx: number,
    activation: ActivationName = "quick_gelu",
  ): VisionSizes => ({ ...encoderOf(sizes, activation), px, patchPx });
  const base = [768, 12, 12, 3072] as const;
  const large = [1024, 24, 16, 4096] as const;
  return {
    "B/32": tower(base, 224, 32),
    "B/16": tower(base, 224, 16),
    "L/14": tower(large, 224, 14),
    "L/14-336": tower(large, 336, 14),
    "H/14": tower([1280, 32, 16, 5120], 224, 14, "gelu"),
  }[size];
}

/** The text tower of a published size; all read 77 of 49,408 tokens. */
export function publishedText(size: SizeName): TextSizes {
  const tower = (
    sizes: readonly [number, number, number, number],
    projectionWidth: number,
    activation: ActivationName = "quick_gelu",
  ): TextSizes => ({
    ...encoderOf(sizes, activation),
    projectionWidth,
    vocabulary: 49_408,
    context: 77,
    endToken: 49_407,
  });
  const base = tower([512, 12, 8, 2048], 512);
  const large = tower([768, 12, 12, 3072], 768);
  return {
    "B/32": base,
    "B/16": base,
    "L/14": large,
    "L/14-336": large,
    "H/14": tower([1024, 24, 16, 4096], 1024, "gelu"),
  }[size];
}

function encoderOf(
  [width, layers, heads, ffnWidth]: readonly [number, number, number, number],
  activation: ActivationName,
): ClipEncoderConfig {
  return { width, layers, heads, ffnWidth, activation, normEps: NORM_EPS };
}

/** What the part's files say of the vision tower; keys left out are B/32's. */
export async function visionFromFiles(
  { source }: PartContext,
): Promise<KnownSizes<VisionSizes>> {
  const json = await source?.json("config.json");
  if (source === undefined || json === undefined) return {};
  const root = new ConfigJson(source.path, json);
  const type = json["model_type"];
  if (type !== "clip" && type !== "clip_vision_model") return {};
  // The older key holds all values that it does not name as their defaults.
  const tower = type === "clip"
    ? root.object("vision_config_dict", "vision_config")
    : root;
  tower.allow("num_channels", 3);
  const usual = publishedVision("B/32");
  return {
    ...encoderFrom(tower, usual),
    px: tower.integer("image_size") ?? usual.px,
    patchPx: tower.integer("patch_size") ?? usual.patchPx,
  };
}

/** What the part's files say of the text tower; keys left out are B/32's. */
export async function textFromFiles(
  { source }: PartContext,
): Promise<KnownSizes<TextSizes>> {
  const json = await source?.json("config.json");
  if (source === undefined || json === undefined) return {};
  if (json["model_type"] !== "clip") return {};
  const root = new ConfigJson(source.path, json);
  const tower = root.object("text_config_dict", "text_config");
  const usual = publishedText("B/32");
  return {
    ...encoderFrom(tower, usual),
    vocabulary: tower.integer("vocab_size") ?? usual.vocabulary,
    context: tower.integer("max_position_embeddings") ?? usual.context,
    endToken: tower.number("eos_token_id") ?? usual.endToken,
    projectionWidth: root.integer("projection_dim") ?? usual.projectionWidth,
  };
}

function encoderFrom(
  tower: ConfigJson,
  usual: ClipEncoderConfig,
): ClipEncoderConfig {
  return {
    width: tower.integer("hidden_size") ?? usual.width,
    layers: tower.integer("num_hidden_layers") ?? usual.layers,
    heads: tower.integer("num_attention_heads") ?? usual.heads,
    ffnWidth: tower.integer("intermediate_size") ?? usual.ffnWidth,
    activation: activationOf(tower, "hidden_act") ?? usual.activation,
    normEps: tower.number("layer_norm_eps") ?? usual.normEps,
  };
}
