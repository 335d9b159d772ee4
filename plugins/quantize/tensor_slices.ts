/**
 * Tensors to write that are read in slices, so that the host holds a few of them
 * and never a model.
 *
 * @module
 */

import { sizeOf } from "../../core/shape.ts";
import { FORMAT_BLOCKS, type StoredTensor } from "../../core/stored_tensor.ts";
import type { TensorToWrite } from "../tensor_to_write.ts";

/** Bytes of f32 that a slice takes on its way, about. */
const SLICE_BYTES = 8 * 2 ** 20;

/** The tensor under a name, as slices of whole rows. */
export function inSlices(stored: StoredTensor, name: string): TensorToWrite {
  const { shape, format } = stored;
  return { name, shape, format, data: slicesOf(stored) };
}

async function* slicesOf(
  { shape, format, sizeBytes, read }: StoredTensor,
): AsyncGenerator<Uint8Array> {
  const { elements, bytes } = FORMAT_BLOCKS[format];
  const columns = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / Math.max(1, columns);
  const rowBytes = Math.ceil(columns / elements) * bytes;
  const step = Math.max(1, Math.floor(SLICE_BYTES / (4 * columns))) * rowBytes;
  if (rows === 0) return;
  for (let at = 0; at < sizeBytes; at += step) {
    yield await read(at, Math.min(sizeBytes, at + step));
  }
}
