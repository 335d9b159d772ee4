/**
 * Everything that a sequence needs to go on, as values on the host.
 *
 * @module
 */

import type { Device } from "../../core/device.ts";
import type { HostArray } from "../../core/dtype.ts";
import { RookeryError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import { extendPages } from "./extend_pages.ts";
import { poolTypes } from "./pool_sizes.ts";
import type { Sampler } from "./sampler_settings.ts";
import { newSequence, NO_PICTURE, type Sequence } from "./sequence.ts";
import type { PagePlace } from "./share_pages.ts";

/** A sequence that was fed and drew nothing, to go on from elsewhere. */
export interface SequenceSnapshot {
  /** Its tokens. */
  readonly tokens: readonly number[];
  /** For each of them, how many pictures came up to it. */
  readonly ordinals: readonly number[];
  /** Contents of its pictures, in order; "" where unknown. */
  readonly pictureKeys: readonly string[];
  /** Places of the pictures that tokens to come may see, from 0, rising. */
  readonly visible: readonly number[];
  /**
   * Keys and values: `kv0` … [pages, 2, g, k, 16] with zeros behind the last
   * token, and `media0` … [visible pictures, 2, h, k, s], by their layers.
   */
  readonly states: ReadonlyMap<string, StateValues>;
}

/** Values of a state. */
export interface StateValues {
  /** Sizes. */
  readonly shape: readonly number[];
  /** Values, row-major; halves as the numbers that they are. */
  readonly values: HostArray;
}

/** Where snapshots are taken and restored. */
export interface SnapshotPlace extends PagePlace {
  /** The device. */
  readonly device: Device;
}

/** Reads a sequence's state from the device, layer by layer. */
export async function takeSnapshot(
  { device, pools, setup }: SnapshotPlace,
  sequence: Sequence,
): Promise<SequenceSnapshot> {
  const { past, pages, pictures, pictureKeys, ordinals } = sequence;
  if (past.length === 0 || sequence.samples.length > 0) {
    throw new RookeryError(
      "usage",
      `Cannot save a sequence of ${past.length} tokens, ` +
        `${sequence.samples.length} of them drawn: feed it a prompt, and save ` +
        "it before it draws",
    );
  }
  const visible = visiblePlaces(sequence, setup());
  const own = pages.slice(0, Math.ceil(past.length / PAGE_SLOTS));
  const slots = visible.map((place) => pictures[place]!);
  const states = new Map<string, StateValues>();
  for (const [name, type] of poolTypes(setup().stack, setup().sizes)) {
    const entries = name.startsWith("kv") ? own : slots;
    const shape = [entries.length, ...type.shape.slice(1)];
    const size = sizeOf(type.shape.slice(1));
    const array = pools.states.get(name)!;
    const parts = await device.readArrays(entries.map((entry) => ({
      array,
      start: entry * size,
      end: (entry + 1) * size,
    })));
    const values = new Float32Array(entries.length * size);
    parts.forEach((part, i) => values.set(part, i * size));
    if (name.startsWith("kv")) clearBehind(values, size, past.length);
    states.set(name, { shape, values });
  }
  const tokens = [...past];
  return { tokens, ordinals: [...ordinals], pictureKeys, visible, states };
}

/** A sequence in the state of a snapshot of the same model. */
export async function restoreSnapshot(
  place: SnapshotPlace,
  snapshot: SequenceSnapshot,
  sampler: Sampler,
): Promise<Sequence> {
  const { pools, programs } = place;
  const { tokens, ordinals, pictureKeys, visible, states } = snapshot;
  const sequence = newSequence(sampler);
  await programs.reserve({ pictures: visible.length });
  await extendPages(place, [sequence], [tokens.length]);
  sequence.pictures.push(...pictureKeys.map(() => NO_PICTURE));
  const slots = visible.map(() => pools.pictures.take());
  visible.forEach((at, i) => sequence.pictures[at] = slots[i]!);
  for (const [name, { shape, values }] of states) {
    const size = sizeOf(shape.slice(1));
    const entries = name.startsWith("kv") ? sequence.pages : slots;
    const array = pools.states.get(name)!;
    entries.forEach((entry, i) => {
      const own = values.subarray(i * size, (i + 1) * size);
      array.write(own as HostArray, entry * size);
    });
  }
  sequence.past.push(...tokens);
  sequence.ordinals = ordinals;
  sequence.media = ordinals.at(-1)!;
  sequence.pictureKeys = pictureKeys;
  return sequence;
}

/** Places of pictures that tokens to come may see. */
function visiblePlaces(
  { pictures, ordinals, media }: Sequence,
  { stack }: ReturnType<SnapshotPlace["setup"]>,
): number[] {
  const isLatest = stack.eyes?.crossAttention.attendTo === "latest";
  const seen = ordinals.reduce((most, each) => Math.max(most, each), 0);
  // Where a mark closed the latest picture, only those to come are seen.
  const first = isLatest ? (media === 0 ? seen : media - 1) : 0;
  return [...pictures.keys()].filter((place) =>
    place >= first && pictures[place] !== NO_PICTURE
  );
}

/** Puts zeros behind the last token, so that equal prefixes are equal files. */
function clearBehind(
  values: Float32Array,
  pageSize: number,
  tokens: number,
): void {
  const used = tokens % PAGE_SLOTS;
  if (used === 0) return;
  for (let at = values.length - pageSize; at < values.length; at++) {
    if (at % PAGE_SLOTS >= used) values[at] = 0;
  }
}
