/**
 * The CRC-32 of stored members, checked while they are read.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { ByteSource } from "../byte_source.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import type { ReadBytes } from "../strided_tensor.ts";
import type { ZipMember } from "../zip.ts";

/** Bytes that are read at once. */
const PIECE_BYTES = 1 << 20;

/**
 * Reads a member once, in pieces, for its checksum.
 *
 * @throws {RookeryError} `file` when it is another
 */
export function checkWhole(file: ByteSource, member: ZipMember): void {
  let sum = 0;
  for (let at = member.start; at < member.end; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, member.end);
    sum = crc32(file.read(at, end), sum);
  }
  checkSum(file.path, member, sum);
}

/**
 * Reads like `read`, and refuses the member when it was read from its start to
 * its end, in any pieces that follow each other, and its checksum is another.
 * Other reads are not checked, as they do not see all of it.
 *
 * @param path of the file, for messages
 * @param read gives bytes of the file
 * @param header the member's first bytes, which the caller has read before
 */
export function checkedReads(
  path: string,
  member: ZipMember,
  { read, header }: { readonly read: ReadBytes; readonly header: Uint8Array },
): ReadBytes {
  const first = member.start + header.length;
  let next = first, sum = crc32(header);
  const note = (from: number, bytes: Uint8Array) => {
    if (from === first) [next, sum] = [first, crc32(header)];
    if (from !== next) return;
    next += bytes.length;
    sum = crc32(bytes, sum);
    if (next === member.end) checkSum(path, member, sum);
  };
  return async (from, to) => {
    const bytes = await read(from, to);
    note(from, bytes);
    return bytes;
  };
}

function checkSum(
  path: string,
  { name, checksum }: ZipMember,
  sum: number,
): void {
  if (sum === checksum) return;
  throw cannotRead(
    path,
    `its member ${quoted(name)} is damaged: its checksum is another. Fetch ` +
      `it again`,
    { expected: checksum, actual: sum },
  );
}
