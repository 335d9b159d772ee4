/**
 * Decodes JPEG with libjpeg-turbo's descendant mozjpeg (WebAssembly), which
 * gives the very numbers of Pillow; CMYK and YCCK, which it refuses, with
 * jpeg-js, at most 2 levels from Pillow's. Colour profiles are not applied.
 *
 * @module
 */

import { applyExifTurn, readExifTurn } from "./exif_turn.ts";
import { hasJpegEnd, readJpegHeader } from "./jpeg_segments.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";
import { startCodec } from "./wasm_codec.ts";

/**
 * Decodes a JPEG whose header has passed the limits, upright by its EXIF
 * orientation. Throws a `RookeryError` of code `"image"`.
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  name: string,
): Promise<Picture> {
  const header = readJpegHeader(bytes, name);
  if (!hasJpegEnd(bytes)) {
    throw pictureError(name, "the JPEG is cut short (no end mark)");
  }
  let picture: Picture;
  try {
    picture = header.components === 4
      ? await decodeFourColours(bytes)
      : await decodeTurbo(bytes);
  } catch (cause) {
    throw pictureError(name, "its JPEG data is damaged", { cause });
  }
  return applyExifTurn(picture, readExifTurn(header.exif));
}

async function decodeTurbo(bytes: Uint8Array): Promise<Picture> {
  const { default: make } = await import(
    "@jsquash/jpeg/codec/dec/mozjpeg_dec.js"
  );
  // @ts-ignore: source phase imports are newer than the type checker
  const wasm = await import.source("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  const codec = await startCodec(make, wasm);
  const pixels = codec.decode(bytes, false); // false: no turn of its own
  if (pixels === null) throw new Error("the decoder gave no picture");
  return {
    width: pixels.width,
    height: pixels.height,
    data: new Uint8Array(pixels.data),
  };
}

async function decodeFourColours(bytes: Uint8Array): Promise<Picture> {
  const { default: jpeg } = await import("jpeg-js");
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 4096, // the limits on pixels come before
    maxResolutionInMP: Infinity,
  });
  return { width, height, data: new Uint8Array(data) };
}
