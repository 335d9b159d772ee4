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
