/**
 * Places temporary values in few buffers by liveness: a slot is taken again
 * as soon as nobody needs what it held.
 *
 * @module
 */

/** A value to place: alive from step `start` to step `end`, both included. */
export interface Lifetime<Key> {
  /** Whose value it is. */
  readonly key: Key;
  /** Bytes it needs. */
  readonly bytes: number;
  /** Step that writes it. */
  readonly start: number;
  /** Last step that reads it. */
  readonly end: number;
}

/** Slots and who gets which. */
export interface Placement<Key> {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  /** Slot of each value. */
  readonly slotOf: ReadonlyMap<Key, number>;
}

/**
 * Assigns slots greedily in order of `start`: the free slot that wastes or
 * grows least, else a new one. Values alive at the same step never share.
 */
export function placeByLiveness<Key>(
  lifetimes: readonly Lifetime<Key>[],
): Placement<Key> {
  const slots: { bytes: number; end: number }[] = [];
  const slotOf = new Map<Key, number>();
  const sorted = lifetimes.toSorted((a, b) => a.start - b.start);
  for (const { key, bytes, start, end } of sorted) {
    let best = -1, bestCost = Infinity;
    slots.forEach((slot, i) => {
      const cost = Math.abs(slot.bytes - bytes);
      if (slot.end < start && cost < bestCost) [best, bestCost] = [i, cost];
    });
    if (best < 0) best = slots.push({ bytes: 0, end: -1 }) - 1;
    const slot = slots[best]!;
    slot.bytes = Math.max(slot.bytes, bytes);
    slot.end = end;
    slotOf.set(key, best);
  }
  return { slots: slots.map((slot) => slot.bytes), slotOf };
}
