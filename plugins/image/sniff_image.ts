/**
 * Format and size of a picture by its first bytes, before any decoding.
 *
 * @module
 */

import { latin1 } from "./byte_order.ts";
import { describeForeign } from "./foreign_format.ts";
import { readGifHeader } from "./gif_blocks.ts";
import { readJpegHeader } from "./jpeg_segments.ts";
import type { PictureFormat, PictureHeader } from "./picture.ts";
import { pictureError } from "./picture_error.ts";
import { readPngHeader } from "./png_header.ts";
import { readWebpHeader } from "./webp_header.ts";

/**
 * Reads format, width and height from the header alone; `name` is for errors.
 *
 * Throws a `RookeryError` of code `"image"` that names the reason: an unknown
 * or unsupported format (SVG, HEIC, AVIF, TIFF, BMP … by name), an animated
 * WebP, a damaged or cut header, a side of no pixels.
 */
export function sniffImage(
  bytes: Uint8Array,
  name: string = "picture",
): PictureHeader {
  const format = formatOf(bytes);
  if (format === undefined) {
    if (bytes.length === 0) throw pictureError(name, "it is empty (0 bytes)");
    throw pictureError(name, describeForeign(bytes));
  }
  const header = readHeader(format, bytes, name);
  if (header.width === 0 || header.height === 0) {
    throw pictureError(
      name,
      `its header says ${header.width} × ${header.height} pixels: both sides must be at least 1`,
    );
  }
  return header;
}

function formatOf(bytes: Uint8Array): PictureFormat | undefined {
  const head = latin1(bytes, 0, 12);
  if (head.startsWith("\x89PNG")) return "png";
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "webp";
  return undefined;
}

function readHeader(
  format: PictureFormat,
  bytes: Uint8Array,
  name: string,
): PictureHeader {
  switch (format) {
    case "png": {
      const { width, height } = readPngHeader(bytes, name);
      return { format, width, height };
    }
    case "jpeg": {
      const { width, height } = readJpegHeader(bytes, name);
      return { format, width, height };
    }
    case "webp": {
      const { width, height } = readWebpHeader(bytes, name);
      return { format, width, height };
    }
    case "gif": {
      const { width, height, frames } = readGifHeader(bytes, name);
      return { format, width, height, frames };
    }
  }
}
