/**
 * Weights from file to device in slices: the host never holds a whole model.
 *
 * @module
 */

import { decodeToF32 } from "../decode_stored.ts";
import type { WeightPart } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import type { WeightNeed } from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import { createBuffer, type DeviceBuffer } from "./buffers.ts";
import type { GpuContext, WebGpuWeight } from "./resources.ts";
import {
  checkDense,
  denseBytes,
  PAIR_ROWS,
  partBytes,
  splitRows,
} from "./weight_memory.ts";

/** Bytes of a file that are in host memory at once, about. */
const SLICE_BYTES = 8 * 2 ** 20;

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
  const bytes = denseBytes(need);
  checkDense(need, device.profile);
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
  const { profile } = device;
  const parts = splitRows(rows, layout.tileBytes(columns), profile);
  const rowBytes = stored.sizeBytes / rows;
  const step = PAIR_ROWS *
    Math.max(1, Math.floor(SLICE_BYTES / rowBytes / PAIR_ROWS));
  for (const part of parts) {
    const { start, end } = part;
    const bytes = partBytes(part, layout, columns);
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
