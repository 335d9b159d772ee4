/**
 * Splits a PNG into its chunks and checks their sums.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { latin1, u32be } from "./byte_order.ts";
import { pictureError } from "./picture_error.ts";

/** The chunks of a PNG that carry the picture. */
export interface PngChunks {
  /** RGB triples of PLTE; empty if there is none. */
  readonly palette: Uint8Array;
  /** Body of tRNS; empty if there is none. */
  readonly clear: Uint8Array;
  /** Bodies of IDAT joined: one zlib stream. */
  readonly pixels: Uint8Array;
  /** Body of eXIf, if there is one. */
  readonly exif?: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** Walks all chunks; throws for a cut file or a chunk with a wrong CRC. */
export function readPngChunks(bytes: Uint8Array, name: string): PngChunks {
  const parts: Uint8Array[] = [];
  const bodies = new Map<string, Uint8Array>();
  for (let at = 8;;) {
    const length = u32be(bytes, at);
    const end = at + 12 + length;
    if (end > bytes.length) {
      throw pictureError(name, "the PNG is cut short (no IEND chunk)", {
        expected: end,
        actual: bytes.length,
      });
    }
    const type = latin1(bytes, at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== u32be(bytes, end - 4)) {
      throw pictureError(
        name,
        `the CRC of its ${type} chunk at byte ${at} is wrong: the file is damaged`,
      );
    }
    const body = bytes.subarray(at + 8, end - 4);
    if (type === "IDAT") parts.push(body);
    else if (!bodies.has(type)) bodies.set(type, body);
    if (type === "IEND") break;
    at = end;
  }
  if (parts.length === 0) throw pictureError(name, "the PNG has no IDAT chunk");
  const exif = bodies.get("eXIf");
  return {
    palette: bodies.get("PLTE") ?? EMPTY,
    clear: bodies.get("tRNS") ?? EMPTY,
    pixels: joined(parts),
    ...(exif === undefined ? {} : { exif }),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
