/**
 * Weights from file to device in slices: the host never holds a whole model.
 *
 * @module
 */

import { decodeToF32 } from "../decode_stored.ts";
import type { WeightRequest } from "../device.ts";
import type { DeviceProfile } from "../kernel.ts";
import { sizeOf } from "../shape.ts";
import { SyntheticTensor } from "../synthetic/synthetic_tensor.ts";
import { createBuffer, type DeviceBuffer } from "./buffers.ts";
import type {
  BufferSpan,
  GpuContext,
  WebGpuWeight,
  WeightPlacement,
} from "./resources.ts";
import { synthesizeWeight } from "./synthesize.ts";
import { canSynthesize } from "./synthesize_kernel.ts";
import { PAIR_ROWS, placedBytes, splitRows } from "./weight_memory.ts";

/** Bytes of a file that are in host memory at once, about. */
const SLICE_BYTES = 8 * 2 ** 20;

/** Told of bytes that wait in the queue; what it gives is awaited. */
export type QueueWatch = (bytes: number) => Promise<void> | void;

/** Brings a weight to the device, where it stays. */
export async function uploadWeight(
  device: GpuContext,
  request: WeightRequest,
): Promise<WebGpuWeight> {
  const { need, layout } = request;
  const placement = placeWeight(request, device.profile);
  const buffers: DeviceBuffer[] = [];
  const dispose = () => buffers.forEach((buffer) => buffer[Symbol.dispose]());
  try {
    for (const bytes of placement.bytes) {
      buffers.push(createBuffer(device.source, "weights", bytes, need.name));
    }
    const spans = buffers.map((buffer) => ({
      buffer,
      offset: 0,
      bytes: buffer.bytes,
    }));
    await writeWeight(device, request, { placement, spans });
    const type = { dtype: "f32" as const, shape: need.shape };
    return { type, layout, spans, placement, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** How a weight will lie, before a byte of it is read. */
export function placeWeight(
  request: WeightRequest,
  profile: DeviceProfile,
): WeightPlacement {
  const { need, layout } = request;
  const bytes = placedBytes(request, profile);
  if (layout === undefined) return { bytes, operand: {}, signature: "dense" };
  const rows = need.shape[0]!;
  const columns = sizeOf(need.shape) / rows;
  const parts = splitRows(rows, layout.tileBytes(columns), profile);
  const ranges = parts.map(({ start, end }) => `${start}-${end}`).join("/");
  const signature = `${layout.name}:${ranges}`;
  return { bytes, operand: { layout, parts }, signature };
}

/** Where the parts of a weight go. */
export interface WeightTarget {
  /** How it lies. */
  readonly placement: WeightPlacement;
  /** Memory of each part. */
  readonly spans: readonly BufferSpan[];
}

/**
 * Reads a weight, packs it and writes it where it belongs, in slices; one that
 * is in no file is made there.
 */
export async function writeWeight(
  device: GpuContext,
  request: WeightRequest,
  target: WeightTarget,
  watch: QueueWatch = () => {},
): Promise<void> {
  const { stored, layout } = request;
  if (stored instanceof SyntheticTensor && canSynthesize(stored, layout)) {
    await synthesizeWeight(device, request, stored, target);
    await watch(target.placement.bytes.reduce((a, b) => a + b, 0));
  } else await copyWeight(device, request, target, watch);
}

async function copyWeight(
  device: GpuContext,
  { need, stored, layout }: WeightRequest,
  { placement, spans }: WeightTarget,
  watch: QueueWatch,
): Promise<void> {
  const { queue } = device.source.gpu;
  if (layout === undefined) {
    const bytes = await stored.read(0, stored.sizeBytes);
    const values = decodeToF32(stored.format, bytes);
    const [span] = spans as [BufferSpan];
    queue.writeBuffer(span.buffer.gpu, span.offset, values);
    await watch(values.byteLength);
    return;
  }
  const rows = need.shape[0]!;
  const columns = sizeOf(need.shape) / rows;
  const rowBytes = stored.sizeBytes / rows;
  const step = PAIR_ROWS *
    Math.max(1, Math.floor(SLICE_BYTES / rowBytes / PAIR_ROWS));
  for (const [i, { start, end }] of placement.operand.parts!.entries()) {
    let at = spans[i]!.offset;
    for (let row = start; row < end; row += step) {
      const last = Math.min(end, row + step);
      const slice = await stored.read(row * rowBytes, last * rowBytes);
      const packed = layout.packRows(stored.format, slice, last - row, columns);
      queue.writeBuffer(spans[i]!.buffer.gpu, at, packed);
      at += packed.length;
      // An empty submit lets the device take the slice and free its staging.
      queue.submit([]);
      await watch(packed.length);
    }
  }
}
