/**
 * Checkpoints of OpenFlamingo (open_flamingo `train/train_utils.py`): trained
 * tensors and the input embedding; of models that were trained sharded, the
 * frozen language model too.
 *
 * @module
 */

import type { BridgeFormat } from "../plugin.ts";
import { type NameRule, sortByRules } from "../sort_by_rules.ts";

/** What training wraps around names: data-parallel runs add `module.`. */
const AT = "^(?:module\\.)?";

const RULES: readonly NameRule[] = [
  // The same blocks again, under the names of lists that hold them too.
  [new RegExp(`${AT}lang_encoder\\.gated_cross_attn_layers\\.`)],
  [new RegExp(`${AT}lang_encoder\\.old_decoder_blocks\\.`)],
  [new RegExp(`${AT}vision_encoder\\.(.+)$`), "vision"],
  [new RegExp(`${AT}vision\\.(.+)$`), "vision"],
  [new RegExp(`${AT}perceiver\\.(.+)$`), "resampler"],
  [
    new RegExp(
      `${AT}lang_encoder\\..+\\.(\\d+)\\.gated_cross_attn_layer\\.(.+)$`,
    ),
    "crossAttention",
    "$1.$2",
  ],
  // A language model's layer lies inside the layer that has the gated block.
  [
    new RegExp(`${AT}lang_encoder\\.(.+\\.\\d+)\\.decoder_layer\\.(.+)$`),
    "language",
    "$1.$2",
  ],
  [new RegExp(`${AT}lang_encoder\\.(.+)$`), "language"],
];

/** The format `open_flamingo`. */
export function openFlamingoFormat(): BridgeFormat {
  return {
    name: "open_flamingo",
    isPublished: true,
    sort: (tensors) => sortByRules(tensors, RULES),
  };
}
