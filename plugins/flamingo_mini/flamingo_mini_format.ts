/**
 * Names in flamingo-mini checkpoints (its `modeling_flamingo.py`): a layer that
 * has a gated block lies beside it in `lm_block`.
 *
 * @module
 */

import type { BridgeFormat } from "../plugin.ts";
import { type NameRule, sortByRules } from "../sort_by_rules.ts";

/**
 * What may stand before names: `module.` by data-parallel training; what is
 * saved as the trained tensors alone has nothing.
 */
const AT = "^(?:module\\.)?(?:flamingo\\.)?";

const RULES: readonly NameRule[] = [
  [new RegExp(`${AT}vision_encoder\\.(.+)$`), "vision"],
  [new RegExp(`${AT}resampler\\.(.+)$`), "resampler"],
  [
    new RegExp(`${AT}lm\\..+\\.(\\d+)\\.xattn_block\\.(.+)$`),
    "crossAttention",
    "$1.$2",
  ],
  // OPT's layers lie in a decoder, GPT-2's beside the embedding.
  [
    new RegExp(`${AT}lm\\.(decoder\\..+\\.\\d+)\\.lm_block\\.(.+)$`),
    "language",
    "model.$1.$2",
  ],
  [
    new RegExp(`${AT}lm\\.(.+\\.\\d+)\\.lm_block\\.(.+)$`),
    "language",
    "transformer.$1.$2",
  ],
  [new RegExp(`${AT}lm\\.(decoder\\..+)$`), "language", "model.$1"],
  [new RegExp(`${AT}lm\\.(.+)$`), "language", "transformer.$1"],
  [new RegExp(`${AT}(lm_head\\..+)$`), "language"],
];

/** The format `flamingo_mini`. */
export function flamingoMiniFormat(): BridgeFormat {
  return {
    name: "flamingo_mini",
    isPublished: true,
    sort: (tensors) => sortByRules(tensors, RULES),
  };
}
