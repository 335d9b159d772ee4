/**
 * Decodes the first frame of a GIF. Written here because the packages tried
 * decode all frames, print to the console or pass over damage in silence.
 *
 * @module
 */

import { readGifHeader } from "./gif_blocks.ts";
import { unpackGifCodes } from "./gif_codes.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";

/**
 * The first frame on a clear canvas. Throws a `RookeryError` of code `"image"`
 * for a cut or damaged frame and for one without colours.
 */
export function decodeGif(bytes: Uint8Array, name: string): Picture {
  const { width, height, first } = readGifHeader(bytes, name);
  if (!first.isWhole) {
    throw pictureError(name, "the GIF is cut short within its first frame");
  }
  if (first.palette.length === 0) {
    throw pictureError(name, "the GIF's first frame has no colour table");
  }
  const indices = new Uint8Array(first.width * first.height);
  const count = unpackGifCodes(bytes, first.dataAt, indices);
  if (count < indices.length) {
    throw pictureError(
      name,
      `the GIF's first frame is damaged: ${count} of ${indices.length} pixels could be read`,
      { expected: indices.length, actual: count },
    );
  }
  const data = new Uint8Array(width * height * 4);
  const rows = rowOrder(first.height, first.isInterlaced);
  for (let i = 0; i < first.height; i++) {
    let to = ((first.top + rows[i]!) * width + first.left) * 4;
    for (let x = 0; x < first.width; x++, to += 4) {
      const index = indices[i * first.width + x]!;
      if (index === first.clear) continue;
      data[to] = first.palette[index * 3] ?? 0;
      data[to + 1] = first.palette[index * 3 + 1] ?? 0;
      data[to + 2] = first.palette[index * 3 + 2] ?? 0;
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
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
