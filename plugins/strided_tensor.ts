/**
 * Tensors whose elements do not lie in row-major order, read as if they did.
 *
 * @module
 */
import { FORMAT_BLOCKS, type StoredTensor } from "../core/stored_tensor.ts";
import { checkTensorRange, type TensorEntry } from "./stored_range.ts";

/** A tensor's entry with its strides in elements. */
export interface StridedEntry extends TensorEntry {
  /** Elements from one index to the next, for each axis; none is negative. */
  readonly strides: readonly number[];
}

/** Gives bytes `[start, end)` of what a tensor lies in. */
export type ReadBytes = (
  start: number,
  end: number,
) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;

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
 * span that they are spread over, and the result.
 *
 * @param path of the file, for messages
 * @param read gives the bytes that `entry.start` counts in
 */
export function stridedTensor(
  path: string,
  entry: StridedEntry,
  read: ReadBytes,
): StoredTensor {
  const { name, shape, format } = entry;
  const width = FORMAT_BLOCKS[format].bytes;
  const sizeBytes = shape.reduce((bytes, size) => bytes * size, width);
  return {
    name,
    shape,
    format,
    sizeBytes,
    read: async (from, to) => {
      checkTensorRange(path, name, { from, to, sizeBytes });
      if (from === to) return new Uint8Array(0);
      const first = Math.floor(from / width), end = Math.ceil(to / width);
      const bytes = await gather(entry, { first, end }, read);
      const isWhole = bytes.length === to - from;
      return isWhole
        ? bytes
        : bytes.slice(from - first * width, to - first * width);
    },
  };
}

/** Elements `[first, end)` in row-major order. */
interface ElementRange {
  readonly first: number;
  readonly end: number;
}

async function gather(
  entry: StridedEntry,
  range: ElementRange,
  read: ReadBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const width = FORMAT_BLOCKS[entry.format].bytes;
  let low = Infinity, high = 0;
  walk(entry, range, (place) => {
    if (place < low) low = place;
    if (place > high) high = place;
  });
  const span = await read(
    entry.start + low * width,
    entry.start + (high + 1) * width,
  );
  const bytes = new Uint8Array((range.end - range.first) * width);
  walk(entry, range, (place, i) => {
    const from = (place - low) * width;
    for (let k = 0; k < width; k++) bytes[i * width + k] = span[from + k]!;
  });
  return bytes;
}

/** Visits the places, in elements, of a range; nothing is kept of them. */
function walk(
  { shape, strides }: StridedEntry,
  { first, end }: ElementRange,
  visit: (place: number, i: number) => void,
): void {
  const at = shape.map(() => 0);
  let rest = first, place = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    place += at[axis]! * strides[axis]!;
  }
  for (let i = 0; i < end - first; i++) {
    visit(place, i);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      place -= strides[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
}
