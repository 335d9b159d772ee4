/**
 * Bridges with the library's own names: the slot, a dot, and the name that the
 * part's templates use.
 *
 * @module
 */

import type { BridgeFormat } from "../plugin.ts";
import { type NameRule, sortByRules } from "../sort_by_rules.ts";

const RULES: readonly NameRule[] = [
  [/^vision\.(.+)$/, "vision"],
  [/^resampler\.(.+)$/, "resampler"],
  [/^crossAttention\.(.+)$/, "crossAttention"],
  [/^language\.(.+)$/, "language"],
];

/** The format `rookery`. */
export function rookeryFormat(): BridgeFormat {
  return {
    name: "rookery",
    isPublished: false,
    sort: (tensors) => sortByRules(tensors, RULES),
  };
}
