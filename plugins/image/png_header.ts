/**
 * PNG signature and IHDR chunk. Source: W3C PNG specification, 11.2.2.
 *
 * @module
 */

import { latin1, u32be } from "./byte_order.ts";
import { pictureError } from "./picture_error.ts";

/** Facts of the IHDR chunk. */
export interface PngHeader {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Bits of one sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colour: number;
  /** Samples of one pixel. */
  readonly channels: number;
  /** True for Adam7. */
  readonly isInterlaced: boolean;
}

const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const CHANNELS: Readonly<Record<number, number>> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
};

/** Reads the first 33 bytes of a PNG; throws when they break the format. */
export function readPngHeader(bytes: Uint8Array, name: string): PngHeader {
  if (latin1(bytes, 4, 8) !== "\r\n\x1a\n") {
    throw pictureError(
      name,
      "its PNG signature is damaged (line ends were changed, as by a transfer in text mode): copy the file again",
    );
  }
  if (bytes.length < 33) {
    throw pictureError(name, "the PNG is cut short within its header");
  }
  if (u32be(bytes, 8) !== 13 || latin1(bytes, 12, 16) !== "IHDR") {
    throw pictureError(name, "the PNG does not begin with an IHDR chunk");
  }
  const depth = bytes[24] ?? 0;
  const colour = bytes[25] ?? 0;
  if (!DEPTHS[colour]?.includes(depth)) {
    throw pictureError(
      name,
      `its PNG header gives colour type ${colour} with ${depth} bits, which the format does not know`,
    );
  }
  if (bytes[26] !== 0 || bytes[27] !== 0 || (bytes[28] ?? 2) > 1) {
    throw pictureError(
      name,
      "its PNG header gives an unknown compression, filter or interlace method",
    );
  }
  return {
    width: u32be(bytes, 16),
    height: u32be(bytes, 20),
    depth,
    colour,
    channels: CHANNELS[colour] ?? 1,
    isInterlaced: bytes[28] === 1,
  };
}
