/**
 * The fields of a binary file: what a reader reads of it, one after another.
 *
 * @module
 */

import { ByteCursor } from "../../../plugins/byte_cursor.ts";

/** A range of bytes that means one thing. */
export interface Field {
  /** First byte. */
  readonly start: number;
  /** Bytes. */
  readonly width: number;
  /** Whether these are a text or raw bytes rather than a number. */
  readonly isText: boolean;
}

const NUMBERS = [
  ...["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64"],
  ...["f32", "f64", "f64BigEndian", "size"],
] as const;
const TEXTS = ["bytes", "text", "line"] as const;

type Method = (this: ByteCursor, ...args: unknown[]) => unknown;

/** Fields that a step reads through cursors, in file order, each once. */
export async function recordedFields(
  step: () => Promise<unknown>,
): Promise<Field[]> {
  const cursor = ByteCursor.prototype as unknown as Record<string, Method>;
  const names = [...NUMBERS, ...TEXTS];
  const originals = names.map((name) => [name, cursor[name]!] as const);
  const fields = new Map<number, Field>();
  for (const [name, original] of originals) {
    const isText = (TEXTS as readonly string[]).includes(name);
    cursor[name] = function (...args) {
      const start = this.position;
      const value = original.apply(this, args);
      const width = this.position - start;
      if (width > 0) fields.set(start, { start, width, isText });
      return value;
    };
  }
  try {
    await step();
  } finally {
    for (const [name, original] of originals) cursor[name] = original;
  }
  return [...fields.values()].sort((a, b) => a.start - b.start);
}

/** Widths of the fixed fields of zip records, by the bytes after `PK`. */
const ZIP_RECORDS: Readonly<Record<string, readonly number[]>> = {
  "3,4": [4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2],
  "1,2": [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4],
  "5,6": [4, 2, 2, 2, 2, 4, 4, 2],
  "6,6": [4, 8, 2, 2, 4, 4, 8, 8, 8, 8],
  "6,7": [4, 4, 8, 4],
};

/** Fields of a zip file's own records. */
export function zipFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (bytes[at] !== 80 || bytes[at + 1] !== 75) continue;
    const widths = ZIP_RECORDS[`${bytes[at + 2]},${bytes[at + 3]}`] ?? [];
    let start = at;
    for (const width of widths) {
      fields.push({ start, width, isText: false });
      start += width;
    }
  }
  return fields;
}
