/**
 * Bytes that are read by ranges: of a file, or of something that was unpacked
 * from one.
 *
 * @module
 */
import { cannotRead } from "./cannot_read.ts";

/** A sequence of bytes with a name for messages. */
export interface ByteSource {
  /** Path of the file that the bytes are from. */
  readonly path: string;
  /** How many there are. */
  readonly sizeBytes: number;
  /** Bytes `[start, end)` in an array of the caller's own. */
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

/** Bytes in memory, such as those of a member that was compressed. */
export function memorySource(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): ByteSource {
  return {
    path,
    sizeBytes: bytes.length,
    read(start, end) {
      if (start >= 0 && start <= end && end <= bytes.length) {
        return bytes.slice(start, end);
      }
      throw cannotRead(
        path,
        `bytes ${start} to ${end} of its unpacked content were asked for: it ` +
          `has ${bytes.length}`,
        { expected: bytes.length, actual: [start, end] },
      );
    },
  };
}
