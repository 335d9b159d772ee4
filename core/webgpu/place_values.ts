/**
 * Where the values of a program go: by liveness, before a device is asked for
 * a byte.
 *
 * @module
 */

import { dtypeBytes } from "../dtype.ts";
import type { Program, Storage } from "../program.ts";
import { sizeOf } from "../shape.ts";
import { alignBytes } from "./buffers.ts";
import { type Lifetime, placeByLiveness, type Placement } from "./place.ts";

/** Bytes between uniform blocks; every device allows this alignment. */
export const UNIFORM_STEP = 256;

/** Bytes that a uniform block takes of the arena they all lie in. */
export function uniformBytes(block: Uint8Array): number {
  return Math.ceil(block.length / UNIFORM_STEP) * UNIFORM_STEP;
}

/** Bytes of a program's memory on a device. */
export function storageBytes({ type }: Storage): number {
  return alignBytes(sizeOf(type.shape) * dtypeBytes(type.dtype));
}

/** Slots for the values between a program's segments; outputs stay to the end. */
export function placeValues(
  { segments, outputs }: Program,
): Placement<Storage> {
  const lifetimes = new Map<Storage, Lifetime<Storage>>();
  segments.forEach((segment, at) => {
    for (const { storage } of Object.values(segment.inputs)) {
      const known = lifetimes.get(storage);
      if (known) lifetimes.set(storage, { ...known, end: at });
    }
    for (const { storage } of Object.values(segment.outputs)) {
      if (storage.kind !== "local") continue;
      const bytes = storageBytes(storage);
      const { start = at } = lifetimes.get(storage) ?? {};
      lifetimes.set(storage, { key: storage, bytes, start, end: at });
    }
  });
  for (const { storage } of Object.values(outputs)) {
    const known = lifetimes.get(storage);
    if (known) lifetimes.set(storage, { ...known, end: segments.length });
  }
  return placeByLiveness([...lifetimes.values()]);
}

/** Slots that segments share, which run one after the other: the largest. */
export function sharedSlots(lists: readonly (readonly number[])[]): number[] {
  const sizes: number[] = [];
  for (const slots of lists) {
    slots.forEach((bytes, i) => sizes[i] = Math.max(sizes[i] ?? 0, bytes));
  }
  return sizes;
}
