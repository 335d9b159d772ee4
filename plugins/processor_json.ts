/**
 * Preprocessing of pictures as a folder's `preprocessor_config.json` tells it,
 * in the terms of the part `image` (transformers `CLIPImageProcessor` and its
 * like).
 *
 * @module
 */

import { ConfigJson } from "./config_json.ts";
import type { JsonObject } from "./json_file.ts";
import type { FolderSource } from "./plugin.ts";

/** Mean and deviation of the pixels that CLIP was trained with. */
export const CLIP_PIXELS: JsonObject = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** Mean and deviation of ImageNet's pixels. */
export const IMAGENET_PIXELS: JsonObject = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** Pillow's numbers of filters. */
const FILTERS: Readonly<Record<number, string>> = {
  0: "nearest",
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
  4: "box",
  5: "hamming",
};

/** Options of the part `image` for a folder; `usual` where it says nothing. */
export async function imageOptions(
  { path, json }: FolderSource,
  usual: JsonObject,
): Promise<JsonObject> {
  const found = await json("preprocessor_config.json");
  if (found === undefined) return { fit: "crop", resize: "bicubic", ...usual };
  const config = new ConfigJson(path, found);
  const filter = FILTERS[config.number("resample") ?? 3];
  const isCropped = config.flag("do_center_crop") ?? true;
  return {
    fit: isCropped ? "crop" : "stretch",
    resize: filter ?? "bicubic",
    mean: found["image_mean"] ?? usual["mean"],
    std: found["image_std"] ?? usual["std"],
  };
}
