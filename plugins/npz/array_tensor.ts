/**
 * Tensors of NumPy arrays: elements put in row-major order and their bytes in
 * little-endian order when they are read.
 *
 * @module
 */
import {
  FORMAT_BLOCKS,
  type StoredFormat,
  type StoredTensor,
} from "../../core/stored_tensor.ts";
import { checkTensorRange } from "../stored_range.ts";
import {
  isContiguous,
  type ReadBytes,
  stridedTensor,
} from "../strided_tensor.ts";

/** An array with a name. */
export interface NumpyArray {
  /** Name of the tensor. */
  readonly name: string;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Format of its elements. */
  readonly format: StoredFormat;
  /** Whether bytes of an element lie highest first. */
  readonly isBigEndian: boolean;
  /** Whether the first axis is the fastest. */
  readonly isFortran: boolean;
}

/**
 * The tensor of an array.
 *
 * @param path of the file, for messages
 * @param read gives bytes of the array's data as they lie there
 */
export function arrayTensor(
  path: string,
  { name, shape, format, isBigEndian, isFortran }: NumpyArray,
  read: ReadBytes,
): StoredTensor {
  const width = FORMAT_BLOCKS[format].bytes;
  const readLittle = isBigEndian ? swapped(read, width) : read;
  const strides = fortranStrides(shape);
  if (isFortran && !isContiguous(shape, strides)) {
    const entry = { name, shape, format, strides, start: 0 };
    return stridedTensor(path, entry, readLittle);
  }
  const sizeBytes = shape.reduce((bytes, size) => bytes * size, width);
  return {
    name,
    shape,
    format,
    sizeBytes,
    read: async (from, to) => {
      checkTensorRange(path, name, { from, to, sizeBytes });
      return await readLittle(from, to);
    },
  };
}

function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((size) => {
    const own = stride;
    stride *= size;
    return own;
  });
}

/** Reads with the bytes of each element turned around. */
function swapped(read: ReadBytes, width: number): ReadBytes {
  if (width === 1) return read;
  return async (from, to) => {
    const first = Math.floor(from / width) * width;
    const bytes = await read(first, Math.ceil(to / width) * width);
    for (let at = 0; at < bytes.length; at += width) {
      bytes.subarray(at, at + width).reverse();
    }
    const isWhole = bytes.length === to - from;
    return isWhole ? bytes : bytes.slice(from - first, to - first);
  };
}
