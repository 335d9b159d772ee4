/**
 * Walks the marker segments of a JPEG: header facts, EXIF block, end mark.
 * Source: ITU-T T.81, annex B. No pixel is decoded here.
 *
 * @module
 */

import { latin1, u16be } from "./byte_order.ts";
import { pictureError } from "./picture_error.ts";

/** Facts of the frame header, and the EXIF block before it. */
export interface JpegHeader {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Colour components: 1 grey, 3 YCbCr or RGB, 4 CMYK or YCCK. */
  readonly components: number;
  /** The TIFF block of an EXIF segment, if there is one. */
  readonly exif?: Uint8Array;
}

const PROCESSES: Readonly<Record<number, string>> = {
  0xc3: "lossless",
  0xc5: "hierarchical",
  0xc6: "hierarchical progressive",
  0xc7: "hierarchical lossless",
  0xc9: "arithmetic-coded",
  0xca: "arithmetic-coded progressive",
  0xcb: "arithmetic-coded lossless",
  0xcd: "arithmetic-coded hierarchical",
  0xce: "arithmetic-coded hierarchical progressive",
  0xcf: "arithmetic-coded hierarchical lossless",
};

/** Reads segments up to the start of the first scan. */
export function readJpegHeader(bytes: Uint8Array, name: string): JpegHeader {
  let frame: Omit<JpegHeader, "exif"> | undefined;
  let exif: Uint8Array | undefined;
  for (let at = 2;;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) {
      throw pictureError(name, "the JPEG is cut short within its header");
    }
    const start = marker.at + 2; // of the length field
    if (marker.code === 0xda || marker.code === 0xd9) break;
    if (isStandalone(marker.code)) {
      at = start;
      continue;
    }
    const end = start + Math.max(2, u16be(bytes, start));
    if (end > bytes.length) {
      throw pictureError(name, "the JPEG is cut short within its header");
    }
    if (
      marker.code === 0xe1 && latin1(bytes, start + 2, start + 6) === "Exif"
    ) {
      exif ??= bytes.subarray(start + 8, end);
    }
    if (isFrame(marker.code)) {
      frame = readFrame(bytes, start, marker.code, name);
    }
    at = end;
  }
  if (frame === undefined) {
    throw pictureError(name, "the JPEG has no frame header before its pixels");
  }
  return exif === undefined ? frame : { ...frame, exif };
}

/** True if the end mark follows the scans, so the file is not cut short. */
export function hasJpegEnd(bytes: Uint8Array): boolean {
  for (let at = 2;;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) return false;
    if (marker.code === 0xd9) return true;
    at = marker.at + 2;
    if (!isStandalone(marker.code)) at += Math.max(2, u16be(bytes, at));
  }
}

/** The next marker at or after `from`; bytes of coded data are passed over. */
function nextMarker(
  bytes: Uint8Array,
  from: number,
): { code: number; at: number } | undefined {
  for (let at = from;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return undefined;
    const code = bytes[at + 1] ?? 0;
    if (code !== 0 && code !== 0xff) return { code, at };
    at += code === 0 ? 2 : 1;
  }
}

function isStandalone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd8);
}

function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf &&
    code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function readFrame(
  bytes: Uint8Array,
  at: number,
  code: number,
  name: string,
): Omit<JpegHeader, "exif"> {
  const process = PROCESSES[code];
  if (process !== undefined) {
    throw pictureError(
      name,
      `the JPEG is ${process}: only baseline and progressive JPEG are supported`,
    );
  }
  const bits = bytes[at + 2] ?? 0;
  if (bits !== 8) {
    throw pictureError(
      name,
      `the JPEG has ${bits} bits a sample: only 8 bits are supported`,
    );
  }
  const components = bytes[at + 7] ?? 0;
  if (components !== 1 && components !== 3 && components !== 4) {
    throw pictureError(
      name,
      `the JPEG has ${components} colour components: 1, 3 or 4 are supported`,
    );
  }
  return {
    width: u16be(bytes, at + 5),
    height: u16be(bytes, at + 3),
    components,
  };
}
