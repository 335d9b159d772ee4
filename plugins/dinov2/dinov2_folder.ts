/**
 * Folders of DINOv2 as configs: `last_hidden_state` leaves the encoder.
 *
 * @module
 */

import { IMAGENET_PIXELS, imageOptions } from "../processor_json.ts";
import type { FolderModel } from "../plugin.ts";

/** Folders of `Dinov2Model`. */
export function dinov2Folder(): FolderModel {
  return {
    modelTypes: ["dinov2"],
    configOf: async (source) => ({
      kind: "vision",
      schema: 1,
      vision: {
        part: "dinov2/vit",
        weights: ".",
        tokens: "all",
        postNorm: true,
      },
      image: await imageOptions(source, IMAGENET_PIXELS),
    }),
  };
}
