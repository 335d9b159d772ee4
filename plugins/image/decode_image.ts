/**
 * Decodes a picture of any supported format, behind the gate of the limits.
 *
 * @module
 */

import { decodeGif } from "./decode_gif.ts";
import { decodeGifFrames } from "./decode_gif_frames.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePng } from "./decode_png.ts";
import { decodeWebp } from "./decode_webp.ts";
import {
  DEFAULT_PICTURE_LIMITS,
  type Picture,
  type PictureFormat,
  type PictureHeader,
  type PictureLimits,
} from "./picture.ts";
import { pictureError } from "./picture_error.ts";
import { sniffImage } from "./sniff_image.ts";

/**
 * Decodes PNG, JPEG, still WebP or the first frame of a GIF to upright RGBA.
 *
 * EXIF orientation is applied, colour profiles are not (as Pillow's defaults),
 * 16-bit samples keep their high byte. `name` is the file's name in errors;
 * `limits` override `DEFAULT_PICTURE_LIMITS` one by one and are checked before
 * any pixel is decoded. Throws a `RookeryError` of code `"image"`.
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string = "picture",
  limits: Partial<PictureLimits> = {},
): Promise<Picture> {
  const allowed = { ...DEFAULT_PICTURE_LIMITS, ...limits };
  switch (checkedFormat(bytes, name, allowed)) {
    case "png":
      return decodePng(bytes, name);
    case "jpeg":
      return await decodeJpeg(bytes, name);
    case "webp":
      return await decodeWebp(bytes, name);
    case "gif":
      return decodeGif(bytes, name);
  }
}

/**
 * Decodes the frames of a GIF as they are seen, all or `most` of them evenly
 * spaced from the first to the last; the one picture of any other format. The
 * limit on pixels is for all frames together. Otherwise as `decodeImage`.
 */
export async function decodeFrames(
  bytes: Uint8Array,
  most: number,
  name: string = "video",
  limits: Partial<PictureLimits> = {},
): Promise<Picture[]> {
  const allowed = { ...DEFAULT_PICTURE_LIMITS, ...limits };
  if (checkedFormat(bytes, name, allowed) !== "gif") {
    return [await decodeImage(bytes, name, limits)];
  }
  const { maxPixels } = allowed;
  return decodeGifFrames(bytes, name, { most, maxPixels });
}

function checkedFormat(
  bytes: Uint8Array,
  name: string,
  limits: PictureLimits,
): PictureFormat {
  checkPictureBytes(bytes.length, name, limits);
  const header = sniffImage(bytes, name);
  checkPictureSize(header, name, limits);
  return header.format;
}

/** Throws if a file is empty or larger than the limit. */
export function checkPictureBytes(
  size: number,
  name: string,
  limits: PictureLimits,
): void {
  if (size === 0) throw pictureError(name, "it is empty (0 bytes)");
  if (size > limits.maxBytes) {
    throw pictureError(
      name,
      `it has ${size} bytes: the limit is ${limits.maxBytes} (shrink the picture or raise maxBytes)`,
      { expected: limits.maxBytes, actual: size },
    );
  }
}

function checkPictureSize(
  header: PictureHeader,
  name: string,
  limits: PictureLimits,
): void {
  const { width, height } = header;
  const says = `its header says ${width} × ${height} pixels`;
  if (Math.max(width, height) > limits.maxSide) {
    throw pictureError(
      name,
      `${says}: the longest side allowed is ${limits.maxSide} (shrink the picture or raise maxSide)`,
      { expected: limits.maxSide, actual: Math.max(width, height) },
    );
  }
  if (width * height > limits.maxPixels) {
    throw pictureError(
      name,
      `${says}, ${
        width * height
      } in all: the limit is ${limits.maxPixels} (shrink the picture or raise maxPixels)`,
      { expected: limits.maxPixels, actual: width * height },
    );
  }
}
