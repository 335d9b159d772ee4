/**
 * RIFF container of WebP: size, kind, animation, EXIF.
 * Source: RFC 9649. No pixel is decoded here.
 *
 * @module
 */

import { latin1, u16le, u24le, u32le } from "./byte_order.ts";
import { pictureError } from "./picture_error.ts";

/** Facts of a still WebP. */
export interface WebpHeader {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** The TIFF block of the EXIF chunk, if there is one. */
  readonly exif?: Uint8Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads the chunks of a WebP; throws for animations and cut files. */
export function readWebpHeader(bytes: Uint8Array, name: string): WebpHeader {
  const end = 8 + u32le(bytes, 4);
  if (end > bytes.length) {
    throw pictureError(
      name,
      `the WebP is cut short: ${bytes.length} of ${end} bytes are there`,
      { expected: end, actual: bytes.length },
    );
  }
  let canvas: Size | undefined;
  let picture: Size | undefined;
  let exif: Uint8Array | undefined;
  for (let at = 12; at + 8 <= end;) {
    const tag = latin1(bytes, at, at + 4);
    const body = bytes.subarray(at + 8, at + 8 + u32le(bytes, at + 4));
    if (tag === "VP8X") canvas = readCanvas(body, name);
    if (tag === "ANMF" || tag === "ANIM") throw animated(name);
    if (tag === "VP8 ") picture ??= readLossy(body, name);
    if (tag === "VP8L") picture ??= readLossless(body, name);
    if (tag === "EXIF") exif ??= withoutPrefix(body);
    at += 8 + body.length + (body.length & 1);
  }
  if (picture === undefined) {
    throw pictureError(name, "the WebP holds no picture chunk");
  }
  const { width, height } = picture;
  if (canvas && (canvas.width !== width || canvas.height !== height)) {
    throw pictureError(
      name,
      `the WebP's canvas of ${canvas.width} × ${canvas.height} and its picture of ${width} × ${height} differ`,
    );
  }
  return exif === undefined ? { width, height } : { width, height, exif };
}

function readCanvas(body: Uint8Array, name: string): Size {
  if (((body[0] ?? 0) & 2) !== 0) throw animated(name);
  return { width: u24le(body, 4) + 1, height: u24le(body, 7) + 1 };
}

function readLossy(body: Uint8Array, name: string): Size {
  if (latin1(body, 3, 6) !== "\x9d\x01\x2a") {
    throw pictureError(name, "the WebP's lossy frame has a wrong start code");
  }
  return {
    width: u16le(body, 6) & 0x3fff,
    height: u16le(body, 8) & 0x3fff,
  };
}

function readLossless(body: Uint8Array, name: string): Size {
  if (body[0] !== 0x2f) {
    throw pictureError(name, "the WebP's lossless frame has a wrong mark");
  }
  const bits = u32le(body, 1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Some writers keep JPEG's "Exif\0\0" before the TIFF block. */
function withoutPrefix(body: Uint8Array): Uint8Array {
  return latin1(body, 0, 4) === "Exif" ? body.subarray(6) : body;
}

function animated(name: string): Error {
  return pictureError(
    name,
    "it is an animated WebP, which is not supported: save one frame as a still WebP or PNG",
  );
}
