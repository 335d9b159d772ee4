/**
 * Names in IDEFICS checkpoints (transformers `modeling_idefics.py`). The rows
 * of added tokens lie in tensors of their own, below the others.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { type NameRule, sortByRules } from "../sort_by_rules.ts";
import { concatenatedRows } from "../derived_tensor.ts";
import type { BridgeFormat, TensorMap } from "../plugin.ts";

const RULES: readonly NameRule[] = [
  // For the pooled class token, which nothing reads.
  [/^model\.vision_model\.post_layernorm\./],
  [/^model\.vision_model\.(.+)$/, "vision"],
  [/^model\.perceiver_resampler\.(.+)$/, "resampler"],
  [/^model\.gated_cross_attn_layers\..+\.rotary_emb\./],
  [/^model\.gated_cross_attn_layers\.(.+)$/, "crossAttention"],
  [/^(model\..+)$/, "language"],
  [/^(lm_head\..+)$/, "language"],
];

/** Tensors with the rows of added tokens, and what their rows go below. */
const ADDED_ROWS = [
  [
    "model.embed_tokens.additional_embedding.weight",
    "model.embed_tokens.weight",
  ],
  ["lm_head.additional_fc.weight", "lm_head.weight"],
] as const;

/** The format `idefics`. */
export function ideficsFormat(): BridgeFormat {
  return {
    name: "idefics",
    isPublished: true,
    sort: (tensors) => sortByRules(withAddedRows(tensors), RULES),
  };
}

/** Embedding and head with the rows of added tokens at their end. */
function withAddedRows(tensors: TensorMap): TensorMap {
  const joined = new Map<string, StoredTensor>(tensors);
  for (const [from, to] of ADDED_ROWS) {
    const added = joined.get(from), known = joined.get(to);
    if (added === undefined || known === undefined) continue;
    joined.delete(from);
    joined.set(to, concatenatedRows(to, [known, added]));
  }
  return joined;
}
