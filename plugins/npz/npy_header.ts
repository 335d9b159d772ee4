/**
 * The header of a `.npy` array: magic, version, length, and a Python dict as
 * text.
 * Layout: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @module
 */
import type { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { NUMPY_SUPPORTED, type NumpyType, numpyType } from "./numpy_type.ts";

/** First bytes of an array. */
export const NPY_MAGIC: readonly number[] = [0x93, 78, 85, 77, 80, 89];

/** Bytes up to the end of the header's length, in the longest version. */
export const NPY_START_BYTES = 12;

/** The text of a header is short; a longer one is none. */
const MAX_HEADER_BYTES = 1 << 16;

/** What a header says. */
export interface NpyHeader {
  /** Type of the elements. */
  readonly type: NumpyType;
  /** Whether the first axis is the fastest. */
  readonly isFortran: boolean;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
}

/** Bytes of the header's text; the cursor is left at its start. */
export function readNpyStart(cursor: ByteCursor, name: string): number {
  const magic = cursor.bytes(6, "the start of an array");
  const [major, minor] = [cursor.u8(), cursor.u8()];
  if (!NPY_MAGIC.every((byte, i) => magic[i] === byte)) {
    throw cannotRead(
      cursor.path,
      `${quoted(name)} does not begin as a .npy array does`,
    );
  }
  if (major < 1 || major > 3 || minor !== 0) {
    throw cannotRead(
      cursor.path,
      `array ${quoted(name)} has .npy version ${major}.${minor}: versions ` +
        `1.0, 2.0 and 3.0 are read`,
      { expected: ["1.0", "2.0", "3.0"], actual: `${major}.${minor}` },
    );
  }
  const length = major === 1 ? cursor.u16() : cursor.u32();
  if (length > MAX_HEADER_BYTES) {
    throw cannotRead(
      cursor.path,
      `the header of array ${quoted(name)} has ${length} bytes: at most ` +
        `${MAX_HEADER_BYTES} are read`,
      { expected: MAX_HEADER_BYTES, actual: length },
    );
  }
  return length;
}

/**
 * Reads a header; the cursor is left at the array's data.
 *
 * @throws {RookeryError} `file` for anything but arrays of the types that are
 * read
 */
export function readNpyHeader(cursor: ByteCursor, name: string): NpyHeader {
  const length = readNpyStart(cursor, name);
  const bytes = cursor.bytes(length, `the header of array ${quoted(name)}`);
  // What may stand there is ASCII; other bytes fit no rule below.
  const text = [...bytes].map((byte) => String.fromCharCode(byte)).join("");
  const { descr, fortran_order: order, shape } = readDict(
    cursor.path,
    name,
    text,
  );
  const type = numpyType(descr.replace(/^(['"])(.*)\1$/, "$2"));
  if (type === undefined) {
    throw cannotRead(
      cursor.path,
      `the dtype of array ${quoted(name)} is ${descr}: supported are ` +
        NUMPY_SUPPORTED,
      { actual: descr },
    );
  }
  const sizes = [...shape.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return { type, isFortran: order === "True", shape: sizes };
}

/** Keys of a header and the texts that their values may be. */
const VALUES = {
  // Other types are lists or tuples; they are shown as they stand.
  descr: /'[^'\\]*'|"[^"\\]*"|[[(].*?(?=, *['"](?:fortran_order|shape)['"])/sy,
  fortran_order: /True|False/y,
  shape: /\( *(?:\d+L? *(?:, *\d+L? *)*(?:, *)?)?\)/y,
} as const;

type Fields = Record<keyof typeof VALUES, string>;

/** Patterns here take time in proportion to the text, whatever it is. */
function readDict(path: string, name: string, text: string): Fields {
  const fields: Partial<Fields> = {};
  let at = 1;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  while (text.startsWith("{")) {
    take(/ */y);
    const key = take(/(['"])(?:descr|fortran_order|shape)\1 *: */y)
      ?.match(/\w+/)?.[0] as keyof Fields | undefined;
    const value = key === undefined || key in fields
      ? undefined
      : take(VALUES[key]);
    if (key === undefined || value === undefined) break;
    fields[key] = value;
    if (take(/ *(?:, *)?\}/y) !== undefined) {
      const { descr, fortran_order, shape } = fields;
      if (!descr || !fortran_order || !shape) break;
      if (!/^ *\n?$/.test(text.slice(at))) break;
      return { descr, fortran_order, shape };
    }
    if (take(/ *,/y) === undefined) break;
  }
  throw cannotRead(
    path,
    `the header of array ${quoted(name)} is ${quoted(text)}: it must be a ` +
      `dict of descr, fortran_order and shape`,
  );
}
