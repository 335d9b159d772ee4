/**
 * The file that holds trained tensors of several parts, opened and sorted.
 *
 * @module
 */

import type { Checkpoint } from "../core/stored_tensor.ts";
import type { Catalog } from "./catalog.ts";
import type { BridgeSection } from "./config.ts";
import type { Misfits } from "./misfits.ts";
import type { SourceOpener } from "./opened_sources.ts";
import type { BridgeSlot, PartContext, SlotName, TensorMap } from "./plugin.ts";

/** Tensors of slots, by the names of their parts' templates. */
export type SlotTensors = Readonly<Partial<Record<BridgeSlot, TensorMap>>>;

/** A bridge's tensors, for each slot as a checkpoint of its own. */
export interface OpenedBridge {
  /** See `BridgeFormat.isPublished`. */
  readonly isPublished: boolean;
  /** The file's tensors by slot. */
  readonly checkpoints: ReadonlyMap<BridgeSlot, Checkpoint>;
  /** Names that the format does not know. */
  readonly unknown: readonly string[];
}

/** Opens and sorts a bridge; undefined after reporting, or left closed. */
export async function openBridge(
  { format, weights }: BridgeSection,
  { catalog, sources }: { catalog: Catalog; sources: SourceOpener },
  misfits: Misfits,
): Promise<OpenedBridge | undefined> {
  const found = await misfits.attempt(
    "bridge.format",
    () => catalog.bridge(format),
  );
  return found && await misfits.attempt("bridge.weights", async () => {
    const source = await sources.open(weights);
    if (source === undefined) return undefined;
    const { path, checkpoint } = source;
    const { bySlot, unknown } = found.sort(checkpoint?.tensors ?? new Map());
    const checkpoints = new Map<BridgeSlot, Checkpoint>();
    for (const [slot, tensors] of bySlot) {
      checkpoints.set(slot, {
        path,
        tensors,
        metadata: {},
        [Symbol.dispose]() {},
      });
    }
    return { isPublished: found.isPublished, checkpoints, unknown };
  });
}

/** Sizes of the tensors that parts do not take from their own files. */
export function overridesOf(
  bridge: OpenedBridge | undefined,
  given: SlotTensors,
): ReadonlyMap<SlotName, PartContext["overrides"]> {
  const slots: readonly BridgeSlot[] = [
    "vision",
    "resampler",
    "crossAttention",
    "language",
  ];
  return new Map(slots.map((slot) => {
    const tensors = [
      ...bridge?.checkpoints.get(slot)?.tensors ?? [],
      ...given[slot] ?? [],
    ];
    return [slot, new Map(tensors.map(([name, { shape }]) => [name, shape]))];
  }));
}
