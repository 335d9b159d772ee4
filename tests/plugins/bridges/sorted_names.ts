/**
 * How a bridge format sorts names, for tests.
 *
 * @module
 */

import type { StoredTensor } from "../../../core/stored_tensor.ts";
import type { BridgeFormat } from "../../../plugins/plugin.ts";

/** Names by slot, those of no slot under `unknown`. */
export function sortedNames(
  format: BridgeFormat,
  names: readonly string[],
): Record<string, string[]> {
  const tensors = new Map(
    names.map((
      name,
    ) => [name, { name, shape: [1] } as unknown as StoredTensor]),
  );
  const { bySlot, unknown } = format.sort(tensors);
  const slots = [...bySlot].map(([slot, own]) => [slot, [...own.keys()]]);
  return {
    ...Object.fromEntries(slots),
    ...(unknown.length > 0 ? { unknown: [...unknown] } : {}),
  };
}
