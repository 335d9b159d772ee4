/**
 * How a weight lies on the device: in tiles of 8 rows, one row a lane, so
 * that neighbouring lanes read neighbouring words. A layout is a codec; every
 * op that reads weights goes through it.
 *
 * @module
 */

import type { StoredFormat } from "../stored_tensor.ts";

/** Rows of a tile; tiles come in pairs, so rows are padded to 16. */
export const TILE_ROWS = 8;

/** Where `decode` finds a block, and what it calls the values. */
export interface DecodeOptions {
  /** Name of the storage variable. */
  readonly weights: string;
  /** WGSL u32 expression: index of the first element of 8 rows' block. */
  readonly at: string;
  /** WGSL u32 expression: row in the tile, 0 to 7. */
  readonly lane: string;
  /** The values are declared as `PREFIX0`, `PREFIX1`, … */
  readonly prefix: string;
}

/** A codec between stored rows, device bytes and kernel registers. */
export interface PackedLayout {
  /** Name in configs and reports; also the stored format it keeps bit for bit. */
  readonly name: "f32" | "f16" | "q8_0" | "q4_1";
  /** Columns (along k) of a block; rows are padded with zeros to full blocks. */
  readonly block: number;
  /** WGSL element type of the storage array that holds it. */
  readonly element: string;
  /** Storage elements that one block of 8 rows takes. */
  readonly blockElements: number;
  /** Bytes of one tile of 8 rows with so many columns. */
  tileBytes(columns: number): number;
  /**
   * Blocks of the stored format of the same name, from values in f32: whole
   * blocks, in order, rounded as GGML's reference quantiser does.
   */
  quantize(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /**
   * Packs `rows` rows of a stored tensor (its bytes, row-major); rows are
   * padded to a multiple of 16. Same-format blocks are moved bit for bit;
   * other formats go through f32.
   */
  packRows(
    format: StoredFormat,
    bytes: Uint8Array,
    rows: number,
    columns: number,
  ): Uint8Array<ArrayBuffer>;
  /** The values that packed rows stand for, row-major, padding left out. */
  unpackRows(
    bytes: Uint8Array,
    rows: number,
    columns: number,
  ): Float32Array<ArrayBuffer>;
  /**
   * WGSL statements that declare a lane's block as `block / 4` values of type
   * `vec4<f32>`: four neighbouring columns each, in order.
   */
  decode(options: DecodeOptions): string;
  /**
   * WGSL function `NAME_at(row: u32, column: u32, blocks: u32) -> f32` for
   * single weights; `blocks` is the count of blocks of a row.
   */
  at(weights: string): string;
}

/** Rows with the padding that tiles in pairs need. */
export function paddedRows(rows: number): number {
  return Math.ceil(rows / (2 * TILE_ROWS)) * 2 * TILE_ROWS;
}

/** Blocks that a row of so many columns takes. */
export function rowBlocks(layout: PackedLayout, columns: number): number {
  return Math.ceil(columns / layout.block);
}
