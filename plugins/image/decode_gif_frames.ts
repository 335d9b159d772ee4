/**
 * Decodes the frames of a GIF as they are seen: each on what earlier ones left
 * on the canvas.
 *
 * @module
 */

import { drawGifFrame } from "./decode_gif.ts";
import { type GifFrame, gifFrames, readGifHeader } from "./gif_blocks.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";

/** Which frames are taken. */
export interface GifFramesOptions {
  /** Most frames; of more, so many evenly spaced from first to last. */
  readonly most: number;
  /** Most pixels of all frames that are taken together. */
  readonly maxPixels: number;
}

/**
 * Frames in order, by the canvas of the first. Throws a `RookeryError` of code
 * `"image"` as `decodeGif`, for frames beyond the canvas, and for too many
 * pixels.
 */
export function decodeGifFrames(
  bytes: Uint8Array,
  name: string,
  { most, maxPixels }: GifFramesOptions,
): Picture[] {
  const { width, height, frames: count } = readGifHeader(bytes, name);
  const wanted = spacedIndices(count, most);
  checkPixels(wanted.size * width * height, name, maxPixels);
  const canvas = { width, height, data: new Uint8Array(width * height * 4) };
  const pictures: Picture[] = [];
  let at = 0;
  for (const frame of gifFrames(bytes)) {
    const which = at === 0 ? "first frame" : `frame ${at + 1}`;
    checkPlace(frame, canvas, { name, which });
    const before = frame.disposal === "restore"
      ? rowsOf(canvas, frame)
      : undefined;
    drawGifFrame(canvas, frame, { bytes, name, which });
    if (wanted.has(at++)) {
      pictures.push({ ...canvas, data: canvas.data.slice() });
    }
    if (frame.disposal !== "keep") setRows(canvas, frame, before);
  }
  return pictures;
}

/** `most` of `count` indices, or all, evenly spaced from first to last. */
function spacedIndices(count: number, most: number): Set<number> {
  const taken = Math.min(count, most);
  const step = taken > 1 ? (count - 1) / (taken - 1) : 0;
  return new Set(Array.from({ length: taken }, (_, i) => Math.round(i * step)));
}

/** The canvas where a frame lies, row by row. */
function rowsOf(
  { width, data }: Picture,
  frame: GifFrame,
): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: frame.height }, (_, y) => {
    const from = ((frame.top + y) * width + frame.left) * 4;
    return data.slice(from, from + frame.width * 4);
  });
}

/** Puts rows back where a frame lies; clears its place without any. */
function setRows(
  { width, data }: Picture,
  frame: GifFrame,
  rows: readonly Uint8Array[] | undefined,
): void {
  for (let y = 0; y < frame.height; y++) {
    const from = ((frame.top + y) * width + frame.left) * 4;
    if (rows === undefined) data.fill(0, from, from + frame.width * 4);
    else data.set(rows[y]!, from);
  }
}

/** Only the first frame may enlarge the canvas, whose size was checked. */
function checkPlace(
  { left, top, width, height }: GifFrame,
  canvas: Picture,
  { name, which }: { readonly name: string; readonly which: string },
): void {
  const right = left + width, bottom = top + height;
  if (right <= canvas.width && bottom <= canvas.height) return;
  throw pictureError(
    name,
    `the GIF's ${which} reaches to ${right} × ${bottom}: its canvas is ` +
      `${canvas.width} × ${canvas.height}`,
    { expected: [canvas.width, canvas.height], actual: [right, bottom] },
  );
}

function checkPixels(pixels: number, name: string, most: number): void {
  if (pixels <= most) return;
  throw pictureError(
    name,
    `its frames have ${pixels} pixels in all: the limit is ${most} (shrink ` +
      "the video or raise maxPixels)",
    { expected: most, actual: pixels },
  );
}
