/**
 * Weights of DINOv2 models from Hugging Face folders, under the names of the
 * templates.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import type { Dinov2Config } from "../../models/vision/dinov2.ts";
import { patchSide } from "../../models/vision/embed_patches.ts";
import { interpolatePositions } from "../interpolate_positions.ts";
import type { TensorMap } from "../plugin.ts";

/** A token for masked training, and the classifier. */
const UNUSED = /^(embeddings\.mask_token|classifier\..*)$/;

const POSITIONS = "embeddings.position_embeddings";

/**
 * Tensors under the names of the encoder's templates. Positions are brought to
 * the grid of the pictures that are wanted.
 */
export function dinov2Weights(
  tensors: TensorMap,
  { px, patchPx, postNorm }: Pick<Dinov2Config, "px" | "patchPx" | "postNorm">,
): TensorMap {
  const grid = { side: patchSide(px, patchPx), leading: 1 };
  const made = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const own = name.replace(/^dinov2\./, "");
    if (UNUSED.test(own)) continue;
    if (!postNorm && own.startsWith("layernorm.")) continue;
    const isTable = own === POSITIONS;
    made.set(own, isTable ? interpolatePositions(tensor, grid) : tensor);
  }
  return made;
}
