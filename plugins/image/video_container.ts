/**
 * Tells files that hold videos from pictures, by their first bytes.
 *
 * @module
 */

import { latin1 } from "./byte_order.ts";

/** So many bytes tell what a file is. */
export const CONTAINER_BYTES = 32;

const MAGIC = [
  "\x1a\x45\xdf\xa3", // Matroska, WebM
  "OggS",
  "FLV",
  "\0\0\x01\xba", // MPEG program stream
  "\x30\x26\xb2\x75", // ASF
];

/**
 * Whether a file needs a video decoder: a video's container, or a WebP whose
 * header says that it moves.
 */
export function isVideoContainer(bytes: Uint8Array): boolean {
  const head = latin1(bytes, 0, CONTAINER_BYTES);
  if (MAGIC.some((magic) => head.startsWith(magic))) return true;
  if (head.slice(4, 8) === "ftyp") {
    return !/^(?:avi|hei|hev|mif1|msf1)/.test(head.slice(8, 12));
  }
  if (!head.startsWith("RIFF")) return false;
  const kind = head.slice(8, 16);
  if (kind.startsWith("AVI ")) return true;
  // Bit 1 of the flags is that of animation.
  return kind === "WEBPVP8X" && (bytes[20]! & 2) !== 0;
}
