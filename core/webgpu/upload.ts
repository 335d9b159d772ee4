/**
 * Weights from file to device in slices: the host never holds a whole model.
 *
 * @module
 */

import { decodeToF32 } from "../decode_stored.ts";
import { RookeryError } from "../errors.ts";
import type { WeightPart } from "../kernel.ts";
import { type PackedLayout, TILE_ROWS } from "../layouts/layout.ts";
import { showBytes } from "../memory.ts";
import type { WeightNeed } from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import { createBuffer, type DeviceBuffer } from "./buffers.ts";
import type { GpuContext, WebGpuWeight } from "./resources.ts";

/** Bytes of a file that are in host memory at once, about. */
const SLICE_BYTES = 8 * 2 ** 20;

/** Rows are padded to a pair of tiles. */
const PAIR_ROWS = 2 * TILE_ROWS;

/** Brings a weight to the device. */
export async function uploadWeight(
  device: GpuContext,
  need: WeightNeed,
  stored: StoredTensor,
  layout: PackedLayout | undefined,
): Promise<WebGpuWeight> {
  const type = { dtype: "f32" as const, shape: need.shape };
  const buffers: DeviceBuffer[] = [];
  const dispose = () => buffers.forEach((buffer) => buffer[Symbol.dispose]());
  try {
    const parts = layout
      ? await uploadPacked(device, need, stored, layout, buffers)
      : await uploadDense(device, need, stored, buffers);
    const operand = layout && parts ? { layout, parts } : {};
    const spans = parts?.map(({ start, end }) => `${start}-${end}`).join("/");
    const signature = layout ? `${layout.name}:${spans}` : "dense";
    return {
      type,
      layout,
      buffers,
      operand,
      signature,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

async function uploadDense(
  device: GpuContext,
  need: WeightNeed,
  stored: StoredTensor,
  buffers: DeviceBuffer[],
): Promise<undefined> {
  const bytes = sizeOf(need.shape) * 4;
  const most = device.profile.maxBindingBytes;
  if (bytes > most) {
    throw new RookeryError(
      "limit",
      `Cannot load weight ${need.name} as it takes ${showBytes(bytes)} and ` +
        `the device shows a kernel at most ${showBytes(most)} at once`,
      { path: need.name, expected: most, actual: bytes },
    );
  }
  const buffer = createBuffer(device.source, "weights", bytes, need.name);
  buffers.push(buffer);
  const values = decodeToF32(
    stored.format,
    await stored.read(0, stored.sizeBytes),
  );
  device.source.gpu.queue.writeBuffer(buffer.gpu, 0, values);
}

async function uploadPacked(
  device: GpuContext,
  need: WeightNeed,
  stored: StoredTensor,
  layout: PackedLayout,
  buffers: DeviceBuffer[],
): Promise<WeightPart[]> {
  const rows = need.shape[0]!;
  const columns = sizeOf(need.shape) / rows;
  const { gpu } = device.source;
  const parts = splitRows(rows, layout.tileBytes(columns), device);
  const rowBytes = stored.sizeBytes / rows;
  const step = PAIR_ROWS *
    Math.max(1, Math.floor(SLICE_BYTES / rowBytes / PAIR_ROWS));
  for (const { start, end } of parts) {
    const tiles = Math.ceil((end - start) / PAIR_ROWS) * 2;
    const bytes = tiles * layout.tileBytes(columns);
    const buffer = createBuffer(device.source, "weights", bytes, need.name);
    buffers.push(buffer);
    let at = 0;
    for (let row = start; row < end; row += step) {
      const last = Math.min(end, row + step);
      const slice = await stored.read(row * rowBytes, last * rowBytes);
      const packed = layout.packRows(stored.format, slice, last - row, columns);
      gpu.queue.writeBuffer(buffer.gpu, at, packed);
      at += packed.length;
      // An empty submit lets the device take the slice and free its staging.
      gpu.queue.submit([]);
    }
  }
  return parts;
}

/** Splits rows so that each part fits one binding and one buffer. */
function splitRows(
  rows: number,
  tileBytes: number,
  { profile }: GpuContext,
): WeightPart[] {
  const most = Math.min(profile.maxBindingBytes, profile.maxBufferBytes);
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
