/**
 * Rows of a stored tensor in another format. Files that are written and weights
 * that are loaded go through it, so that both hold the same bits.
 *
 * @module
 */

import { decodeToF32 } from "./decode_stored.ts";
import { RookeryError } from "./errors.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "./stored_tensor.ts";

/** Rows as they are stored, each of whole blocks. */
export interface StoredRows {
  /** Their format. */
  readonly format: StoredFormat;
  /** How many. */
  readonly rows: number;
  /** Elements of a row, without what fills its last block. */
  readonly columns: number;
}

/** What rows become. */
export interface RowTarget {
  /** Elements that a row is filled up to a multiple of, with zeros. */
  readonly block: number;
  /** Bytes of whole blocks from their values. */
  quantize(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * Bytes of rows in another format, by way of f32.
 *
 * @throws {RookeryError} `dtype` when `bytes` are not those of the rows
 */
export function convertRows(
  bytes: Uint8Array,
  stored: StoredRows,
  { block, quantize }: RowTarget,
): Uint8Array<ArrayBuffer> {
  checkRows(bytes, stored);
  const { format, rows, columns } = stored;
  const { elements } = FORMAT_BLOCKS[format];
  const from = wholeBlocks(columns, elements);
  const to = wholeBlocks(columns, block);
  const values = decodeToF32(format, bytes);
  // Cut first: what fills the last block stands for nothing.
  const own = resizeRows(values, rows, from, columns);
  return quantize(resizeRows(own, rows, columns, to));
}

/** Elements of a row with those that fill its last block. */
export function wholeBlocks(columns: number, block: number): number {
  return Math.ceil(columns / block) * block;
}

/** Throws when bytes are not those of the rows. */
export function checkRows(
  bytes: Uint8Array,
  { format, rows, columns }: StoredRows,
): void {
  const { elements, bytes: size } = FORMAT_BLOCKS[format];
  const expected = rows * wholeBlocks(columns, elements) / elements * size;
  if (bytes.length === expected) return;
  throw new RookeryError(
    "dtype",
    `Cannot pack ${rows} rows of ${columns} columns from ${format} as there ` +
      `are ${bytes.length} bytes: exactly ${expected} are needed`,
    { expected, actual: bytes.length },
  );
}

/** Rows cut to, or filled with zeros up to, another length. */
export function resizeRows(
  values: Float32Array<ArrayBuffer>,
  rows: number,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  if (from === to) return values;
  const out = new Float32Array(rows * to);
  const length = Math.min(from, to);
  for (let row = 0; row < rows; row++) {
    out.set(values.subarray(row * from, row * from + length), row * to);
  }
  return out;
}
