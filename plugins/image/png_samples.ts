/**
 * Turns unfiltered PNG samples into RGBA bytes.
 *
 * 16-bit samples keep their high byte. Pillow does the same for colour, but its
 * 16-bit grey mode clips at 255 when converted, and it matches tRNS of 2-, 4-
 * and 16-bit samples against scaled values; there the specification is followed.
 *
 * @module
 */

import { u16be } from "./byte_order.ts";
import type { PngChunks } from "./png_chunks.ts";
import type { PngHeader } from "./png_header.ts";

/** Where the pixels of one pass go: first column, row and their steps. */
export interface PngPass {
  /** First column. */
  readonly x: number;
  /** First row. */
  readonly y: number;
  /** Columns from one pixel of the pass to the next. */
  readonly stepX: number;
  /** Rows from one row of the pass to the next. */
  readonly stepY: number;
}

/** Writes one unfiltered row; `from` is the offset after the filter byte. */
export type PngRowWriter = (
  data: Uint8Array,
  from: number,
  width: number,
  y: number,
  pass: PngPass,
) => void;

/** A writer into `rgba` [height, width, 4] for the header's kind of pixel. */
export function pngRowWriter(
  header: PngHeader,
  chunks: PngChunks,
  rgba: Uint8Array,
): PngRowWriter {
  const { depth } = header;
  const table = depth <= 8 && header.channels === 1
    ? colourTable(header, chunks)
    : undefined;
  if (table) return tableWriter(rgba, header.width, depth, table);
  return directWriter(header, chunks.clear, rgba);
}

/** One RGBA entry for each value of a sample of at most 8 bits. */
function colourTable(header: PngHeader, chunks: PngChunks): Uint8Array {
  const { depth, colour } = header;
  const { palette, clear } = chunks;
  const size = 1 << depth;
  const table = new Uint8Array(size * 4);
  const clearValue = clear.length >= 2 ? u16be(clear, 0) : -1;
  for (let value = 0; value < size; value++) {
    const at = value * 4;
    if (colour === 3) { // an index beyond the palette is black
      for (let c = 0; c < 3; c++) table[at + c] = palette[value * 3 + c] ?? 0;
      table[at + 3] = clear[value] ?? 255;
    } else {
      table.fill(value * (255 / (size - 1)), at, at + 3);
      table[at + 3] = value === clearValue ? 0 : 255;
    }
  }
  return table;
}

function tableWriter(
  rgba: Uint8Array,
  imageWidth: number,
  depth: number,
  table: Uint8Array,
): PngRowWriter {
  const perByte = 8 / depth;
  const mask = (1 << depth) - 1;
  return (data, from, width, y, pass) => {
    let to = (y * imageWidth + pass.x) * 4;
    for (let x = 0; x < width; x++, to += pass.stepX * 4) {
      const byte = data[from + Math.floor(x / perByte)]!;
      const entry = ((byte >> (8 - depth - (x % perByte) * depth)) & mask) * 4;
      rgba[to] = table[entry]!;
      rgba[to + 1] = table[entry + 1]!;
      rgba[to + 2] = table[entry + 2]!;
      rgba[to + 3] = table[entry + 3]!;
    }
  };
}

function directWriter(
  header: PngHeader,
  clear: Uint8Array,
  rgba: Uint8Array,
): PngRowWriter {
  const { channels } = header;
  const bytes = header.depth / 8;
  const hasAlpha = channels === 2 || channels === 4;
  const green = channels >= 3 ? bytes : 0; // grey repeats its one sample
  const blue = 2 * green;
  const hasKey = !hasAlpha && clear.length >= channels * 2;
  return (data, from, width, y, pass) => {
    let to = (y * header.width + pass.x) * 4;
    for (let x = 0, at = from; x < width; x++, at += channels * bytes) {
      rgba[to] = data[at]!;
      rgba[to + 1] = data[at + green]!;
      rgba[to + 2] = data[at + blue]!;
      rgba[to + 3] = hasAlpha
        ? data[at + (channels - 1) * bytes]!
        : hasKey && isKey(data, at, clear, bytes, channels)
        ? 0
        : 255;
      to += pass.stepX * 4;
    }
  };
}

/** True if all samples of the pixel equal tRNS, at full depth. */
function isKey(
  data: Uint8Array,
  at: number,
  clear: Uint8Array,
  bytes: number,
  channels: number,
): boolean {
  for (let c = 0; c < channels; c++) {
    const value = bytes === 2 ? u16be(data, at + 2 * c) : data[at + c];
    if (value !== u16be(clear, 2 * c)) return false;
  }
  return true;
}
