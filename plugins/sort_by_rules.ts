/**
 * Sorting a file's tensors to the parts they are for, by patterns of names.
 *
 * @module
 */

import type { StoredTensor } from "../core/stored_tensor.ts";
import type { BridgeSlot, BridgeTensors, TensorMap } from "./plugin.ts";

/**
 * A pattern, the slot of the names it matches, and their names in the slot
 * (`$1` stands for the pattern's first group and is the default). No slot: without use, dropped.
 */
export type NameRule = readonly [
  pattern: RegExp,
  slot?: BridgeSlot,
  name?: string,
];

/** The first rule whose pattern a name matches says where it goes. */
export function sortByRules(
  tensors: TensorMap,
  rules: readonly NameRule[],
): BridgeTensors {
  const bySlot = new Map<BridgeSlot, Map<string, StoredTensor>>();
  const unknown: string[] = [];
  for (const [name, tensor] of tensors) {
    const rule = rules.find(([pattern]) => pattern.test(name));
    if (rule === undefined) {
      unknown.push(name);
      continue;
    }
    const [pattern, slot, replacement = "$1"] = rule;
    if (slot === undefined) continue;
    const own = bySlot.get(slot) ?? new Map<string, StoredTensor>();
    bySlot.set(slot, own.set(name.replace(pattern, replacement), tensor));
  }
  return { bySlot, unknown };
}
