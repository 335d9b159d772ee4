/**
 * Names of pictures by their content: the same numbers into the encoder, the
 * same name, whatever file they came from.
 *
 * @module
 */

import type { PicturePixels } from "./picture_jobs.ts";

/** A picture that has a name before anybody needs its pixels. */
export interface KeyedPicture {
  /** Name of its pixels, by `pictureKey`. */
  readonly key: string;
  /** Its place among the pictures of the sequence, from 0. */
  readonly place: number;
  /** Pixels [3, px, px], or [f, 3, px, px] of a video. */
  readonly pixels: () => PicturePixels | Promise<PicturePixels>;
}

/**
 * Name of the pixels of a picture or video: SHA-256 over them. Their number
 * tells the frames of a video, as an encoder reads one size only.
 */
export async function pictureKey(pixels: PicturePixels): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", pixels);
  return new Uint8Array(digest).toHex();
}
