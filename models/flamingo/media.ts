/**
 * Pictures and videos as users give them, as the frames that they are.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { ImageProcessor, Picture } from "../slots.ts";
import type { PictureItem, VideoOptions } from "./prompt.ts";

/** A picture as users give it: a path, an encoded file, or decoded pixels. */
export type Media = string | Uint8Array | Picture;

/**
 * Most frames taken of a video file, evenly spaced from the first to the last
 * (Flamingo, appendix B.1.2: 30 at inference).
 */
export const MOST_VIDEO_FRAMES = 30;

/**
 * Frames of a picture or video, in order; a picture has one.
 *
 * @throws {RookeryError} `prompt` for a video without frames or an image
 * processor that reads none, `file` and `image` for files
 */
export async function framesOf(
  item: PictureItem<Media>,
  image: ImageProcessor,
): Promise<Picture[]> {
  const read = (one: Media) => isPicture(one) ? one : image.read(one);
  if ("image" in item) return [await read(item.image)];
  if ("video" in item) return await readVideo(item, image);
  const frames: Picture[] = [];
  for (const frame of item.frames) frames.push(await read(frame));
  if (frames.length > 0) return frames;
  throw new RookeryError(
    "prompt",
    "Cannot use a video without frames: give it at least one",
  );
}

/** Name of frames by their content: the same pixels, the same name. */
export async function contentKey(frames: readonly Picture[]): Promise<string> {
  const keys: string[] = [];
  for (const { width, height, data } of frames) {
    const bytes = new Uint8Array(data);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    keys.push(`${width}x${height}:${new Uint8Array(digest).toHex()}`);
  }
  return keys.join("+");
}

async function readVideo(
  { video, most = MOST_VIDEO_FRAMES, rate }:
    & { readonly video: Media }
    & VideoOptions,
  image: ImageProcessor,
): Promise<Picture[]> {
  if (isPicture(video)) return [video];
  if (image.readFrames) return await image.readFrames(video, most, rate);
  throw new RookeryError(
    "prompt",
    "Cannot read a video file as the image processor reads pictures only: " +
      "give its frames as a list of pictures",
  );
}

function isPicture(media: Media): media is Picture {
  return typeof media === "object" && "data" in media;
}
