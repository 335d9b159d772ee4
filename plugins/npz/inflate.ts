/**
 * Members of zip files that are deflated.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { RookeryError } from "../../core/errors.ts";
import type { ByteSource } from "../byte_source.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import type { ZipMember } from "../zip.ts";

/** No deflated byte stands for more. */
const MOST_RATIO = 1032;

/** Bytes that are unpacked at once; the ratio bounds what comes of them. */
const PIECE_BYTES = 1 << 14;

/**
 * First `count` bytes of a deflated member, all by default; these are checked
 * against the member's CRC-32.
 *
 * @throws {RookeryError} `file` for damaged content, content of another length
 * or checksum than the directory says, and lengths that cannot be
 */
export async function inflate(
  file: ByteSource,
  member: ZipMember,
  count: number = member.sizeBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const { start, end, sizeBytes } = member;
  if (sizeBytes > (end - start) * MOST_RATIO || count > sizeBytes) {
    throw damaged(file, member, `${sizeBytes} bytes cannot come of them`);
  }
  const out = new Uint8Array(count);
  const filled = await fill(file, member, out);
  if (filled < count) {
    throw damaged(file, member, `it has only ${filled} bytes`);
  }
  if (count === sizeBytes && crc32(out) !== member.checksum) {
    throw damaged(file, member, "its checksum is another");
  }
  return out;
}

/** Unpacks into `out` until it is full; gives the bytes that were unpacked. */
async function fill(
  file: ByteSource,
  member: ZipMember,
  out: Uint8Array<ArrayBuffer>,
): Promise<number> {
  let filled = 0;
  try {
    for await (const piece of unpacked(file, member)) {
      const rest = out.length - filled;
      if (piece.length > rest && out.length === member.sizeBytes) {
        throw damaged(file, member, `it has more than ${out.length} bytes`);
      }
      out.set(piece.subarray(0, rest), filled);
      filled += Math.min(piece.length, rest);
      if (filled === out.length && out.length < member.sizeBytes) break;
    }
  } catch (cause) {
    if (cause instanceof RookeryError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged(file, member, reason, cause);
  }
  return filled;
}

function unpacked(
  file: ByteSource,
  { start, end }: ZipMember,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at === end) return controller.close();
      const next = Math.min(at + PIECE_BYTES, end);
      controller.enqueue(file.read(at, next));
      at = next;
    },
  });
  return packed.pipeThrough(new DecompressionStream("deflate-raw"));
}

function damaged(
  { path }: ByteSource,
  { name, start, end, sizeBytes }: ZipMember,
  reason: string,
  cause?: unknown,
): RookeryError {
  return cannotRead(
    path,
    `its member ${quoted(name)} of ${sizeBytes} bytes, deflated to ` +
      `${end - start}, is damaged: ${reason}`,
    { cause },
  );
}
