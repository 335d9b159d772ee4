/**
 * Writes PNG files: 8-bit RGBA, rows filtered by the one above.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "./picture.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** Encodes a picture as a PNG file. */
export function encodePng(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, 8); // bits a sample
  head.setUint8(9, 6); // RGBA
  const parts = [
    new Uint8Array(SIGNATURE),
    chunk("IHDR", new Uint8Array(head.buffer)),
    chunk("IDAT", deflateSync(filtered(picture))),
    chunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Each row as its difference from the row above (filter 2). */
function filtered(picture: Picture): Uint8Array {
  const { height, data } = picture;
  const row = picture.width * 4;
  const out = new Uint8Array((row + 1) * height);
  for (let y = 0, to = 0; y < height; y++) {
    out[to++] = 2;
    for (let i = y * row; i < (y + 1) * row; i++) {
      out[to++] = data[i]! - (y === 0 ? 0 : data[i - row]!);
    }
  }
  return out;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + body.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(body, 8);
  view.setUint32(8 + body.length, crc32(out.subarray(4, 8 + body.length)));
  return out;
}
