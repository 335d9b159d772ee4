/**
 * Decodes the first frame of a GIF. Written here because the packages tried
 * decode all frames, print to the console or pass over damage in silence.
 *
 * @module
 */

import { type GifFrame, readGifHeader } from "./gif_blocks.ts";
import { unpackGifCodes } from "./gif_codes.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";

/** Where a frame is drawn from, and its name in errors. */
export interface GifSource {
  /** The file. */
  readonly bytes: Uint8Array;
  /** Its name in errors. */
  readonly name: string;
  /** The frame in errors, e.g. `"first frame"`. */
  readonly which: string;
}

/**
 * The first frame on a clear canvas. Throws a `RookeryError` of code `"image"`
 * for a cut or damaged frame and for one without colours.
 */
export function decodeGif(bytes: Uint8Array, name: string): Picture {
  const { width, height, first } = readGifHeader(bytes, name);
  const canvas = { width, height, data: new Uint8Array(width * height * 4) };
  drawGifFrame(canvas, first, { bytes, name, which: "first frame" });
  return canvas;
}

/** Draws a frame, which lies within the canvas; throws as `decodeGif`. */
export function drawGifFrame(
  { width, data }: Picture,
  frame: GifFrame,
  source: GifSource,
): void {
  const indices = indicesOf(frame, source);
  const { left, top, palette, clear } = frame;
  const rows = rowOrder(frame.height, frame.isInterlaced);
  for (let i = 0; i < frame.height; i++) {
    let to = ((top + rows[i]!) * width + left) * 4;
    for (let x = 0; x < frame.width; x++, to += 4) {
      const index = indices[i * frame.width + x]!;
      if (index === clear) continue;
      data[to] = palette[index * 3] ?? 0;
      data[to + 1] = palette[index * 3 + 1] ?? 0;
      data[to + 2] = palette[index * 3 + 2] ?? 0;
      data[to + 3] = 255;
    }
  }
}

/** Palette indices of a frame, rows in the order of the file. */
function indicesOf(
  { width, height, palette, dataAt, isWhole }: GifFrame,
  { bytes, name, which }: GifSource,
): Uint8Array {
  if (!isWhole) {
    throw pictureError(name, `the GIF is cut short within its ${which}`);
  }
  if (palette.length === 0) {
    throw pictureError(name, `the GIF's ${which} has no colour table`);
  }
  const indices = new Uint8Array(width * height);
  const count = unpackGifCodes(bytes, dataAt, indices);
  if (count === indices.length) return indices;
  throw pictureError(
    name,
    `the GIF's ${which} is damaged: ${count} of ${indices.length} pixels could be read`,
    { expected: indices.length, actual: count },
  );
}

/** Rows in the order in which the file stores them. */
function rowOrder(height: number, isInterlaced: boolean): number[] {
  const passes = isInterlaced
    ? [[0, 8], [4, 8], [2, 4], [1, 2]] as const
    : [[0, 1]] as const;
  const rows: number[] = [];
  for (const [first, step] of passes) {
    for (let y = first; y < height; y += step) rows.push(y);
  }
  return rows;
}
