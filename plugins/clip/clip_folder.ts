/**
 * Folders of CLIP as configs: the vision transformer alone, or both towers.
 *
 * @module
 */

import { CLIP_PIXELS, imageOptions } from "../processor_json.ts";
import type { FolderModel } from "../plugin.ts";

/** Folders of `CLIPVisionModel`: `last_hidden_state` leaves the encoder. */
export function clipVisionFolder(): FolderModel {
  return {
    modelTypes: ["clip_vision_model"],
    configOf: async (source) => ({
      kind: "vision",
      schema: 1,
      vision: {
        part: "clip/vit",
        weights: ".",
        tokens: "all",
        postNorm: false,
      },
      image: await imageOptions(source, CLIP_PIXELS),
    }),
  };
}

/** Folders of `CLIPModel`. */
export function clipFolder(): FolderModel {
  return {
    modelTypes: ["clip"],
    configOf: async (source) => ({
      kind: "contrastive",
      schema: 1,
      vision: { part: "clip/vit", weights: ".", tokens: "all", postNorm: true },
      text: { part: "clip/text", weights: "." },
      image: await imageOptions(source, CLIP_PIXELS),
    }),
  };
}
