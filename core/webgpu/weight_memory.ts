/**
 * How much memory weights take on a WebGPU device, and how they are split:
 * by their sizes alone.
 *
 * @module
 */

import { RookeryError } from "../errors.ts";
import type { DeviceProfile, WeightPart } from "../kernel.ts";
import { type PackedLayout, TILE_ROWS } from "../layouts/layout.ts";
import { showBytes } from "../memory.ts";
import type { WeightRequest } from "../device.ts";
import type { WeightNeed } from "../program.ts";
import { sizeOf } from "../shape.ts";
import { alignBytes } from "./buffers.ts";

/** Rows are padded to a pair of tiles. */
export const PAIR_ROWS: number = 2 * TILE_ROWS;

/** What is asked of a device about the sizes of weights. */
export type WeightLimits = Pick<
  DeviceProfile,
  "maxBindingBytes" | "maxBufferBytes"
>;

/** Bytes of a weight that is not packed. */
export function denseBytes({ shape }: WeightNeed): number {
  return sizeOf(shape) * 4;
}

/** Refuses a weight that is not packed and too large to be seen at once. */
export function checkDense(need: WeightNeed, limits: WeightLimits): void {
  const bytes = denseBytes(need);
  const most = limits.maxBindingBytes;
  if (bytes <= most) return;
  throw new RookeryError(
    "limit",
    `Cannot load weight ${need.name} as it takes ${showBytes(bytes)} and ` +
      `the device shows a kernel at most ${showBytes(most)} at once`,
    { path: need.name, expected: most, actual: bytes },
  );
}

/** Bytes of some rows of a packed weight, with the padding of its tiles. */
export function partBytes(
  { start, end }: WeightPart,
  layout: PackedLayout,
  columns: number,
): number {
  const tiles = Math.ceil((end - start) / PAIR_ROWS) * 2;
  return tiles * layout.tileBytes(columns);
}

/** Splits rows so that each part fits one binding and one buffer. */
export function splitRows(
  rows: number,
  tileBytes: number,
  { maxBindingBytes, maxBufferBytes }: WeightLimits,
): WeightPart[] {
  const most = Math.min(maxBindingBytes, maxBufferBytes);
  const step = Math.floor(most / (2 * tileBytes)) * PAIR_ROWS;
  if (step === 0) {
    throw new RookeryError(
      "limit",
      `Cannot lay out a weight as 16 of its rows take ` +
        `${showBytes(2 * tileBytes)} and a binding holds ${showBytes(most)}`,
      { expected: most, actual: 2 * tileBytes },
    );
  }
  const parts: WeightPart[] = [];
  for (let start = 0; start < rows; start += step) {
    parts.push({ start, end: Math.min(rows, start + step) });
  }
  return parts;
}

/**
 * Bytes that a weight takes on a WebGPU device, its padding included; packed
 * weights in `layout`, others in f32.
 */
export function weightBytes(need: WeightNeed, layout: PackedLayout): number {
  if (!need.isPacked) return alignBytes(denseBytes(need));
  const rows = need.shape[0]!;
  const columns = sizeOf(need.shape) / rows;
  return alignBytes(partBytes({ start: 0, end: rows }, layout, columns));
}

/** Offsets of bindings; every device allows this alignment. */
const BINDING_STEP = 256;

/** Where parts lie in a staging area. */
export interface PartPlaces {
  /** First byte of each part. */
  readonly offsets: readonly number[];
  /** Byte after the last part. */
  readonly end: number;
}

/**
 * Places parts one after the other, none across a multiple of `most` bytes,
 * the largest buffer of an area. Some of the parts, in the same order, never
 * reach further than all of them.
 */
export function placeParts(
  sizes: readonly number[],
  most: number,
): PartPlaces {
  let end = 0;
  const offsets = sizes.map((bytes) => {
    let at = Math.ceil(end / BINDING_STEP) * BINDING_STEP;
    const isCut = Math.floor(at / most) < Math.floor((at + bytes - 1) / most);
    if (isCut) at = Math.ceil(at / most) * most;
    end = at + bytes;
    return at;
  });
  return { offsets, end };
}

/** Bytes of the buffers that an area consists of on such a device. */
export function areaBufferBytes({ maxBufferBytes }: WeightLimits): number {
  return Math.floor(maxBufferBytes / BINDING_STEP) * BINDING_STEP;
}

/** Bytes that the parts of a weight take, each with its padding. */
export function placedBytes(
  { need, layout }: Pick<WeightRequest, "need" | "layout">,
  limits: WeightLimits,
): number[] {
  if (layout === undefined) {
    checkDense(need, limits);
    return [alignBytes(denseBytes(need))];
  }
  const rows = need.shape[0]!;
  const columns = sizeOf(need.shape) / rows;
  return splitRows(rows, layout.tileBytes(columns), limits)
    .map((part) => alignBytes(partBytes(part, layout, columns)));
}

/** Bytes of an area that holds a block, its weights in the order of names. */
export function areaBytes(
  block: readonly Pick<WeightRequest, "need" | "layout">[],
  limits: WeightLimits,
): number {
  const sorted = block.toSorted((a, b) => a.need.name < b.need.name ? -1 : 1);
  const sizes = sorted.flatMap((request) => placedBytes(request, limits));
  return placeParts(sizes, areaBufferBytes(limits)).end;
}
