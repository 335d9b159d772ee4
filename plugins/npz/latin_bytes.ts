/**
 * Bytes that a pickle of protocol 2 has as a text.
 *
 * @module
 */
import type { ByteSource } from "../byte_source.ts";
import { cannotRead } from "../cannot_read.ts";
import type { BytesInFile } from "../pickle/pickle_values.ts";

/** Characters that are decoded at once. */
const PIECE_BYTES = 1 << 20;

/**
 * The bytes that a text in the file stands for, one character each.
 *
 * @param count how many they must be
 */
export function latinBytes(
  file: ByteSource,
  { start, length }: BytesInFile,
  count: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(count);
  let filled = 0, lead = 0;
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, length);
    for (const byte of file.read(start + at, start + end)) {
      // Characters from 128 to 255 are 0xc2 or 0xc3 and six bits.
      const isSecond = byte >= 0x80 && byte < 0xc0;
      const isOther = byte > 0xc3 || byte === 0xc0 || byte === 0xc1;
      if ((lead > 0) !== isSecond || isOther) {
        throw notLatin(file, start, count);
      }
      if (byte >= 0xc2) lead = byte;
      else {
        if (filled === count) throw notLatin(file, start, count);
        out[filled++] = lead > 0 ? ((lead & 3) << 6) | (byte & 63) : byte;
        lead = 0;
      }
    }
  }
  if (filled < count || lead > 0) throw notLatin(file, start, count);
  return out;
}

function notLatin({ path }: ByteSource, start: number, count: number): Error {
  return cannotRead(
    path,
    `the array's data at byte ${start} of its pickle are no text of ${count} ` +
      `characters below 256`,
    { expected: count },
  );
}
