/**
 * Cutting and bordering RGB pictures.
 *
 * @module
 */

import type { RgbPicture } from "./picture.ts";

/** A part of a picture, in pixels. */
export interface Rectangle {
  /** First column. */
  readonly left: number;
  /** First row. */
  readonly top: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** The part of a picture within a rectangle, which must lie inside it. */
export function cropRgb(rgb: RgbPicture, part: Rectangle): RgbPicture {
  const { left, top, width, height } = part;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * rgb.width + left) * 3;
    data.set(rgb.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/**
 * Cuts to the smallest box around the pixels of which a channel differs from
 * the background by more than `threshold` levels; unchanged if there are none.
 */
export function trimRgb(
  rgb: RgbPicture,
  background: readonly [number, number, number],
  threshold: number,
): RgbPicture {
  const { width, height, data } = rgb;
  const [red, green, blue] = background;
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      if (
        Math.abs(data[at]! - red) <= threshold &&
        Math.abs(data[at + 1]! - green) <= threshold &&
        Math.abs(data[at + 2]! - blue) <= threshold
      ) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return rgb;
  return cropRgb(rgb, {
    left,
    top,
    width: right - left + 1,
    height: bottom - top + 1,
  });
}

/** Puts a picture in the middle of a square of the background colour. */
export function padRgb(
  rgb: RgbPicture,
  side: number,
  background: readonly [number, number, number],
): RgbPicture {
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i += 3) data.set(background, i);
  const left = Math.floor((side - rgb.width) / 2);
  const top = Math.floor((side - rgb.height) / 2);
  for (let y = 0; y < rgb.height; y++) {
    const from = y * rgb.width * 3;
    data.set(
      rgb.data.subarray(from, from + rgb.width * 3),
      ((top + y) * side + left) * 3,
    );
  }
  return { width: side, height: side, data };
}
