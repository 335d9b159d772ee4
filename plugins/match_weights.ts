/**
 * Which tensor each weight of a model comes from. Missing, mis-shaped and
 * left-over tensors are all reported; no byte of a tensor is read.
 *
 * @module
 */

import type { WeightNeed } from "../core/program.ts";
import { isSameShape, showShape } from "../core/shape.ts";
import type { Checkpoint, StoredTensor } from "../core/stored_tensor.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { BuiltParts } from "./built_parts.ts";
import { hasTokenRows } from "./has_token_rows.ts";
import type { Misfits } from "./misfits.ts";
import type { OpenedBridge, SlotTensors } from "./opened_bridge.ts";
import { didYouMean, nearestName } from "./nearest_name.ts";
import type { BuiltPart } from "./part_builder.ts";
import { hasPartNames } from "./part_names.ts";
import { partNeeds } from "./part_needs.ts";
import type { BridgeSlot, TensorMap } from "./plugin.ts";

/** A weight with its tensor. */
export interface MatchedWeight {
  /** What the programs need. */
  readonly need: WeightNeed;
  /** Where it is. */
  readonly stored: StoredTensor;
  /** Whether it is a matrix of one row for each token: embedding or head. */
  readonly isVocabulary?: boolean;
}

/** Makes a weight that no file has; undefined leaves it missing. */
export type InitialWeight = (
  name: string,
  shape: readonly number[],
  slot: BridgeSlot,
) => StoredTensor | undefined;

/** Where tensors come from beside the parts' own files; later ones win. */
export interface TensorOrigins {
  /** The bridge's file. */
  readonly bridge: OpenedBridge | undefined;
  /** Tensors handed in by the program. */
  readonly given: SlotTensors;
  /** Asked for weights that are nowhere else. */
  readonly initial: InitialWeight | undefined;
}

/** Every weight of a model with its tensor, after reporting what is amiss. */
export async function matchWeights(
  parts: BuiltParts,
  origins: TensorOrigins,
  misfits: Misfits,
): Promise<MatchedWeight[]> {
  const matched: MatchedWeight[] = [];
  for (const slot of Object.keys(WEIGHT_PREFIX) as BridgeSlot[]) {
    const part = parts[slot];
    if (part === undefined) continue;
    const found = await misfits.attempt(slot, async () => {
      const needs = partNeeds(slot, parts);
      const tensors = await tensorsOf(slot, part, origins);
      const { initial, bridge } = origins;
      const unknown = bridge?.unknown ?? [];
      const own = { slot, part, needs, tensors, initial, unknown };
      return matchSlot(own, misfits);
    });
    matched.push(...found ?? []);
  }
  for (const name of origins.bridge?.unknown ?? []) {
    misfits.add("bridge.weights", `tensor ${name} is for no part of the model`);
  }
  return matched;
}

async function tensorsOf(
  slot: BridgeSlot,
  { part, config, source, context }: BuiltPart<BridgeSlot>,
  { bridge, given }: TensorOrigins,
): Promise<TensorMap> {
  const renamed = async (checkpoint: Checkpoint): Promise<TensorMap> =>
    !hasPartNames(checkpoint) && part.weights
      ? await part.weights(checkpoint, config, context)
      : checkpoint.tensors;
  const own = source?.checkpoint;
  const handed = bridge?.checkpoints.get(slot);
  return new Map([
    ...own ? await renamed(own) : [],
    ...handed && bridge!.isPublished
      ? await renamed(handed)
      : handed?.tensors ?? [],
    ...given[slot] ?? [],
  ]);
}

/** One slot's needs and tensors. */
interface SlotWeights {
  readonly slot: BridgeSlot;
  readonly part: BuiltPart<BridgeSlot>;
  readonly needs: readonly WeightNeed[];
  readonly tensors: TensorMap;
  readonly initial: InitialWeight | undefined;
  /** Names that are for no slot. */
  readonly unknown: readonly string[];
}

function matchSlot(
  { slot, part, needs, tensors, initial, unknown }: SlotWeights,
  misfits: Misfits,
): MatchedWeight[] {
  const path = `${slot}.weights`;
  const prefix = WEIGHT_PREFIX[slot];
  const leftOver = new Set(tensors.keys());
  for (const { name } of needs) leftOver.delete(name.slice(prefix.length));
  const matched: MatchedWeight[] = [];
  for (const need of needs) {
    const name = need.name.slice(prefix.length);
    const stored = tensors.get(name) ?? initial?.(name, need.shape, slot);
    if (stored === undefined) {
      const hint = didYouMean(name, leftOver) || fromEnds(name, unknown);
      const shape = showShape(need.shape);
      misfits.add(path, `tensor ${name} ${shape} is missing${hint}`);
    } else if (!isSameShape(stored.shape, need.shape)) {
      misfits.add(
        path,
        `tensor ${name} is ${showShape(stored.shape)}: the model needs ` +
          showShape(need.shape),
      );
    } else {
      const isVocabulary = hasTokenRows(need, part.value);
      matched.push({ need, stored, isVocabulary });
    }
  }
  for (const name of leftOver) {
    const shape = showShape(tensors.get(name)!.shape);
    misfits.add(path, `tensor ${name} ${shape} is left over: no use for it`);
  }
  return matched;
}

/** The hint of an unknown name whose end is like a missing one. */
function fromEnds(name: string, unknown: readonly string[]): string {
  const length = name.split(".").length;
  const ends = new Map(
    unknown.map((each) => [each.split(".").slice(-length).join("."), each]),
  );
  const nearest = nearestName(name, ends.keys());
  return nearest === undefined ? "" : ` (did you mean "${ends.get(nearest)}"?)`;
}
