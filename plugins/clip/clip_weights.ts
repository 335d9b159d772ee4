/**
 * Which tensors of a CLIP file are for the vision tower and which for its twin.
 * A file may hold both, in Hugging Face's or in open_clip's names.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { interpolatePositions } from "../interpolate_positions.ts";
import type { TensorMap } from "../plugin.ts";
import { fromOpenClip, isOpenClip } from "./open_clip_names.ts";

/** What the vision tower wants of its file. */
export interface VisionTensorOptions {
  /** Whether the last norm is used. */
  readonly postNorm: boolean;
  /** Patches along a side that positions are brought to; undefined: as is. */
  readonly side: number | undefined;
}

/** What belongs to the twin of a vision tower. */
const TWIN = /^(?:text_model\.|(?:text|visual)_projection\.|logit_scale$)/;

/** Counters that older files hold. */
const COUNTERS = /(?:^|\.)embeddings\.position_ids$/;

const POSITIONS = "embeddings.position_embedding.weight";

/** Tensors of the vision tower under the names of its template. */
export function visionTensors(
  tensors: TensorMap,
  { postNorm, side }: VisionTensorOptions,
): TensorMap {
  const made = new Map<string, StoredTensor>();
  for (const [name, tensor] of inOneDialect(tensors)) {
    const bare = name.replace(/^vision_model\./, "");
    if (TWIN.test(name)) continue;
    if (!postNorm && bare.startsWith("post_layernorm.")) continue;
    const isResized = bare === POSITIONS && side !== undefined;
    made.set(
      bare,
      isResized ? interpolatePositions(tensor, { side, leading: 1 }) : tensor,
    );
  }
  return made;
}

/** Tensors of the twin under the names of its templates. */
export function textTensors(tensors: TensorMap): TensorMap {
  const kept = [...inOneDialect(tensors)]
    .filter(([name]) => !name.startsWith("vision_model."));
  return new Map(kept);
}

/** All tensors that are weights, by the names of Hugging Face's `CLIPModel`. */
function inOneDialect(tensors: TensorMap): TensorMap {
  const named = isOpenClip(tensors) ? fromOpenClip(tensors) : tensors;
  return new Map([...named].filter(([name]) => !COUNTERS.test(name)));
}
