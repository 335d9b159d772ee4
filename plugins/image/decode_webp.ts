/**
 * Decodes still WebP, lossy and lossless, with libwebp (WebAssembly).
 *
 * @module
 */

import { applyExifTurn, readExifTurn } from "./exif_turn.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";
import { startCodec } from "./wasm_codec.ts";
import { readWebpHeader } from "./webp_header.ts";

/**
 * Decodes a WebP whose header has passed the limits, upright by its EXIF
 * orientation. Throws a `RookeryError` of code `"image"`.
 */
export async function decodeWebp(
  bytes: Uint8Array,
  name: string,
): Promise<Picture> {
  const header = readWebpHeader(bytes, name);
  const { default: make } = await import("@jsquash/webp/codec/dec/webp_dec.js");
  // @ts-ignore: source phase imports are newer than the type checker
  const wasm = await import.source("@jsquash/webp/codec/dec/webp_dec.wasm");
  const codec = await startCodec(make, wasm);
  let pixels;
  try {
    pixels = codec.decode(bytes);
  } catch (cause) {
    throw pictureError(name, "its WebP data is damaged", { cause });
  }
  if (pixels === null) throw pictureError(name, "its WebP data is damaged");
  const { width, height } = pixels;
  return applyExifTurn(
    { width, height, data: new Uint8Array(pixels.data) },
    readExifTurn(header.exif),
  );
}
