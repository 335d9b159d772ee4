/**
 * Tensors whose elements do not lie in row-major order, read as if they did.
 *
 * @module
 */
import { FORMAT_BLOCKS, type StoredTensor } from "../../core/stored_tensor.ts";
import type { RangeFile } from "../range_file.ts";
import { checkTensorRange, type TensorEntry } from "../stored_range.ts";

/** A tensor's entry with its strides in elements. */
export interface StridedEntry extends TensorEntry {
  /** Elements from one index to the next, for each axis. */
  readonly strides: readonly number[];
}

/** Whether elements lie in row-major order without gaps. */
export function isContiguous(
  shape: readonly number[],
  strides: readonly number[],
): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/**
 * A tensor that gathers the asked elements at each read. One read holds the
 * span of the file that they are spread over.
 */
export function stridedTensor(
  file: RangeFile,
  entry: StridedEntry,
): StoredTensor {
  const { name, shape, format } = entry;
  const width = FORMAT_BLOCKS[format].bytes;
  const sizeBytes = shape.reduce((bytes, size) => bytes * size, width);
  const read = (from: number, to: number) => {
    checkTensorRange(file.path, name, { from, to, sizeBytes });
    if (from === to) return new Uint8Array(0);
    const first = Math.floor(from / width);
    const places = placesOf(entry, first, Math.ceil(to / width));
    const bytes = gather(file, places, width);
    return bytes.slice(from - first * width, to - first * width);
  };
  return {
    name,
    shape,
    format,
    sizeBytes,
    read: (from, to) => Promise.try(read, from, to),
  };
}

/** Bytes in the file at which elements `[first, end)` begin. */
function placesOf(
  { shape, strides, format, start }: StridedEntry,
  first: number,
  end: number,
): Float64Array {
  const width = FORMAT_BLOCKS[format].bytes;
  const places = new Float64Array(end - first);
  for (let i = 0; i < places.length; i++) {
    let rest = first + i;
    let place = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    places[i] = start + place * width;
  }
  return places;
}

function gather(
  file: RangeFile,
  places: Float64Array,
  width: number,
): Uint8Array<ArrayBuffer> {
  const low = places.reduce((a, b) => Math.min(a, b));
  const high = places.reduce((a, b) => Math.max(a, b));
  const span = file.read(low, high + width);
  const bytes = new Uint8Array(places.length * width);
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! - low;
    for (let k = 0; k < width; k++) bytes[i * width + k] = span[from + k]!;
  }
  return bytes;
}
