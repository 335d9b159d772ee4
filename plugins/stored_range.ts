/**
 * Tensors that lie as one range of bytes in a file, and the checks that all
 * formats share.
 *
 * @module
 */
import {
  FORMAT_BLOCKS,
  type StoredFormat,
  type StoredTensor,
} from "../core/stored_tensor.ts";
import type { ByteSource } from "./byte_source.ts";
import { cannotRead, quoted } from "./cannot_read.ts";

/** What a header says of one tensor. */
export interface TensorEntry {
  /** Name in the file. */
  readonly name: string;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Number format. */
  readonly format: StoredFormat;
  /** First byte in the file. */
  readonly start: number;
  /** Its bytes, where its rows end in blocks that are not full. */
  readonly sizeBytes?: number;
}

/**
 * Bytes of a tensor, after checking its shape.
 *
 * @throws {RookeryError} `file` for a size that is negative, not an integer or
 * too large, or a last axis that does not hold whole blocks
 */
export function tensorBytes(
  path: string,
  name: string,
  shape: readonly number[],
  format: StoredFormat,
): number {
  const block = FORMAT_BLOCKS[format];
  let bytes = block.bytes;
  for (const [axis, size] of shape.entries()) {
    const isLast = axis === shape.length - 1;
    const units = isLast ? size / block.elements : size;
    bytes *= units;
    if (!Number.isSafeInteger(size) || size < 0) {
      throw cannotRead(
        path,
        `tensor ${quoted(name)} has the shape ${quoted(shape)}: sizes must ` +
          `be integers from 0 on`,
        { actual: shape },
      );
    }
    if (!Number.isSafeInteger(units)) {
      throw cannotRead(
        path,
        `tensor ${quoted(name)} has a last axis of ${size}: ${format} needs ` +
          `a multiple of ${block.elements}`,
        { expected: block.elements, actual: size },
      );
    }
  }
  const isWhole = shape.length > 0 || block.elements === 1;
  if (!Number.isSafeInteger(bytes) || !isWhole) {
    throw cannotRead(
      path,
      `tensor ${quoted(name)} of shape ${quoted(shape)} and format ${format} ` +
        `has no size that can be addressed`,
      { actual: shape },
    );
  }
  return bytes;
}

/**
 * The tensor of an entry, checked to lie inside the file.
 *
 * @throws {RookeryError} `file` with the number of missing bytes
 */
export function storedRange(
  file: ByteSource,
  entry: TensorEntry,
): StoredTensor {
  const { name, shape, format, start } = entry;
  const sizeBytes = entry.sizeBytes ??
    tensorBytes(file.path, name, shape, format);
  const missing = start + sizeBytes - file.sizeBytes;
  if (missing > 0) {
    throw cannotRead(
      file.path,
      `it is cut short: tensor ${quoted(name)} ends at byte ` +
        `${start + sizeBytes}, the file has ${file.sizeBytes}, ${missing} ` +
        `bytes are missing. Fetch it again`,
      { expected: start + sizeBytes, actual: file.sizeBytes },
    );
  }
  const read = (from: number, to: number) => {
    checkTensorRange(file.path, name, { from, to, sizeBytes });
    return file.read(start + from, start + to);
  };
  return {
    name,
    shape,
    format,
    sizeBytes,
    read: (from, to) => Promise.try(read, from, to),
  };
}

/** A range of bytes that a caller asks for, and the size it must lie in. */
export interface AskedRange {
  /** First byte. */
  readonly from: number;
  /** Byte after the last. */
  readonly to: number;
  /** Bytes of the tensor. */
  readonly sizeBytes: number;
}

/** Throws when a caller asks for bytes that a tensor does not have. */
export function checkTensorRange(
  path: string,
  name: string,
  { from, to, sizeBytes }: AskedRange,
): void {
  if (from >= 0 && from <= to && to <= sizeBytes) return;
  throw cannotRead(
    path,
    `bytes ${from} to ${to} of tensor ${quoted(name)} were asked for: it ` +
      `has ${sizeBytes}`,
    { expected: sizeBytes, actual: [from, to] },
  );
}

/**
 * Throws when two entries share bytes. Empty tensors share none.
 *
 * @param sizes bytes of each entry, in the same order
 */
export function checkNoOverlap(
  path: string,
  entries: readonly TensorEntry[],
  sizes: readonly number[],
): void {
  const order = entries
    .map((entry, i) => ({ entry, end: entry.start + sizes[i]! }))
    .filter(({ entry, end }) => end > entry.start)
    .sort((a, b) => a.entry.start - b.entry.start);
  for (let i = 1; i < order.length; i++) {
    const [before, after] = [order[i - 1]!, order[i]!];
    if (before.end <= after.entry.start) continue;
    throw cannotRead(
      path,
      `tensors ${quoted(before.entry.name)} and ${quoted(after.entry.name)} ` +
        `overlap: one ends at byte ${before.end}, the next starts at ` +
        `${after.entry.start}`,
    );
  }
}
