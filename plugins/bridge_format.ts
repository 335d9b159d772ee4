/**
 * Whose tensors are in a bridge's file, and which part each of them is for.
 *
 * @module
 */

import type { StoredTensor } from "../core/stored_tensor.ts";
import type { BridgeFormat } from "./config.ts";
import type { SlotName, TensorMap } from "./plugin.ts";

/** Slots whose weights a bridge may hold. */
export type BridgeSlot = Extract<
  SlotName,
  "vision" | "resampler" | "crossAttention" | "language"
>;

/** Tensors of a bridge by slot, and those that are for none. */
export interface BridgeTensors {
  /** Names are those of the parts' templates. */
  readonly bySlot: ReadonlyMap<BridgeSlot, TensorMap>;
  /** Names that the format does not know. */
  readonly unknown: readonly string[];
}

type Rule = readonly [pattern: RegExp, slot: BridgeSlot, name: string];

/** The first pattern that a name matches says where it goes. */
const RULES: Readonly<Record<BridgeFormat, readonly Rule[]>> = {
  // A training run of OpenFlamingo also saves the input embedding.
  open_flamingo: [
    [/^vision\.(.+)$/, "vision", "$1"],
    [/^perceiver\.(.+)$/, "resampler", "$1"],
    [
      /^lang_encoder\..+\.(\d+)\.gated_cross_attn_layer\.(.+)$/,
      "crossAttention",
      "$1.$2",
    ],
    [/^lang_encoder\.(.+)$/, "language", "$1"],
  ],
  rookery: [
    [/^vision\.(.+)$/, "vision", "$1"],
    [/^resampler\.(.+)$/, "resampler", "$1"],
    [/^crossAttention\.(.+)$/, "crossAttention", "$1"],
    [/^language\.(.+)$/, "language", "$1"],
  ],
};

/** Sorts a bridge's tensors. */
export function sortBridge(
  format: BridgeFormat,
  tensors: TensorMap,
): BridgeTensors {
  const bySlot = new Map<BridgeSlot, Map<string, StoredTensor>>();
  const unknown: string[] = [];
  for (const [name, tensor] of tensors) {
    const rule = RULES[format].find(([pattern]) => pattern.test(name));
    if (rule === undefined) {
      unknown.push(name);
      continue;
    }
    const [pattern, slot, replacement] = rule;
    const own = bySlot.get(slot) ?? new Map<string, StoredTensor>();
    bySlot.set(slot, own.set(name.replace(pattern, replacement), tensor));
  }
  return { bySlot, unknown };
}
