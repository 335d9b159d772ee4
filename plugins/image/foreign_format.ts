/**
 * Names what a file is when it is no supported picture, so that the error can
 * say more than "unknown format".
 *
 * @module
 */

import { latin1 } from "./byte_order.ts";

const MAGIC: readonly (readonly [string, string])[] = [
  ["BM", "BMP"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["II+\0", "BigTIFF"],
  ["8BPS", "Photoshop (PSD)"],
  ["%PDF", "PDF"],
  ["\0\0\x01\0", "icon (ICO)"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["\xff\x4f\xff\x51", "JPEG 2000"],
  ["\x76\x2f\x31\x01", "OpenEXR"],
  ["qoif", "QOI"],
  ["PK\x03\x04", "ZIP archive"],
  ["\x1f\x8b", "gzip archive"],
];

/** The reason to refuse a file by its first bytes, with what to do. */
export function describeForeign(bytes: Uint8Array): string {
  const head = latin1(bytes, 0, 1024);
  if (head.slice(4, 8) === "ftyp") return unsupported(boxFormat(head));
  const text = head.replace(/^\xef\xbb\xbf/, "").trimStart().toLowerCase();
  if (text.startsWith("<svg") || /^<[?!].*<svg/s.test(text)) {
    return "SVG is not supported: convert to PNG";
  }
  if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
    return "it is an HTML page and no picture (a download may have been answered by a web page)";
  }
  for (const [magic, format] of MAGIC) {
    if (head.startsWith(magic)) return unsupported(format);
  }
  if (/^[\t\r\n\x20-\x7e]+$/.test(head)) return "it is text and no picture";
  const first = [...bytes.subarray(0, 8)]
    .map((b) => b.toString(16).padStart(2, "0")).join(" ");
  return `its first bytes (${first}) are of no supported format: PNG, JPEG, still WebP and GIF can be read`;
}

function unsupported(format: string): string {
  return `${format} is not supported: convert to PNG or JPEG`;
}

/** Format by the brand of an ISO media file. */
function boxFormat(head: string): string {
  const brand = head.slice(8, 12);
  if (brand.startsWith("avi")) return "AVIF";
  if (/^(hei|hev|mif1|msf1)/.test(brand)) return "HEIC";
  return "video (MP4)";
}
