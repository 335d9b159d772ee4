/**
 * Lays a picture on a plain colour.
 *
 * @module
 */

import type { Picture, RgbPicture } from "./picture.ts";

/** White, the background of the default model. */
export const WHITE: readonly [number, number, number] = [255, 255, 255];

/**
 * Removes alpha: each channel becomes
 * ⌊(c·a + background·(255 − a) + 127) / 255⌋, in whole numbers 0 … 255.
 */
export function compositeOnWhite(
  picture: Picture,
  background: readonly [number, number, number] = WHITE,
): RgbPicture {
  const { width, height, data } = picture;
  const [red, green, blue] = background;
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const a = data[from + 3]!;
    if (a === 255) {
      rgb[to] = data[from]!;
      rgb[to + 1] = data[from + 1]!;
      rgb[to + 2] = data[from + 2]!;
    } else {
      const rest = 255 - a;
      rgb[to] = (data[from]! * a + red * rest + 127) / 255;
      rgb[to + 1] = (data[from + 1]! * a + green * rest + 127) / 255;
      rgb[to + 2] = (data[from + 2]! * a + blue * rest + 127) / 255;
    }
  }
  return { width, height, data: rgb };
}
