/**
 * The key-value part of a GGUF header. Numeric arrays become typed arrays,
 * as they may be as long as a vocabulary.
 *
 * @module
 */
import { cannotRead, quoted } from "../cannot_read.ts";
import type { ByteCursor } from "../byte_cursor.ts";

/** Kinds of metadata values, by their number in the file. */
const KIND = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;

/** Least bytes of a value of each kind, to refuse counts that cannot be. */
const LEAST_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8] as const;

/** Arrays in arrays deeper than this are not metadata but an attack. */
const MAX_DEPTH = 4;

/** A key-value pair takes a key's length, a kind and a byte at least. */
const LEAST_PAIR_BYTES = 13;

/** Told of each pair: its key, and where its kind and value lie. */
export type OnPair = (key: string, start: number, end: number) => void;

/**
 * Reads `count` pairs. 64-bit integers become numbers where these are exact,
 * else bigints; arrays of numbers typed arrays; others plain arrays.
 *
 * @throws {RookeryError} `file` for an unknown kind, a key that is there
 * twice, or a length that the file cannot hold
 */
export function readMetadata(
  cursor: ByteCursor,
  count: number,
  onPair?: OnPair,
): Record<string, unknown> {
  cursor.require(count * LEAST_PAIR_BYTES, `a list of ${count} metadata pairs`);
  const metadata = new Map<string, unknown>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text(cursor.size(), "a metadata key");
    if (metadata.has(key)) {
      throw cannotRead(
        cursor.path,
        `the metadata key ${quoted(key)} is there twice`,
      );
    }
    const start = cursor.position;
    metadata.set(key, readValue(cursor, key, { kind: cursor.u32(), depth: 0 }));
    onPair?.(key, start, cursor.position);
  }
  // Not by assignment: "__proto__" is a key like any other.
  return Object.fromEntries(metadata);
}

interface ValueKind {
  readonly kind: number;
  readonly depth: number;
}

function readValue(
  cursor: ByteCursor,
  key: string,
  { kind, depth }: ValueKind,
): unknown {
  switch (kind) {
    case KIND.u8:
      return cursor.u8();
    case KIND.i8:
      return cursor.i8();
    case KIND.u16:
      return cursor.u16();
    case KIND.i16:
      return cursor.i16();
    case KIND.u32:
      return cursor.u32();
    case KIND.i32:
      return cursor.i32();
    case KIND.f32:
      return cursor.f32();
    case KIND.f64:
      return cursor.f64();
    case KIND.u64:
      return numberIfExact(cursor.u64());
    case KIND.i64:
      return numberIfExact(cursor.i64());
    case KIND.bool:
      return readBool(cursor, key);
    case KIND.string:
      return cursor.text(cursor.size(), `metadata ${quoted(key)}`);
    case KIND.array:
      return readArray(cursor, key, depth);
    default:
      throw unknownKind(cursor, key, kind);
  }
}

function readArray(cursor: ByteCursor, key: string, depth: number): unknown {
  const kind = cursor.u32();
  const count = cursor.size();
  const least = LEAST_BYTES[kind];
  if (least === undefined) throw unknownKind(cursor, key, kind);
  if (depth === MAX_DEPTH) {
    throw cannotRead(
      cursor.path,
      `metadata ${quoted(key)} nests arrays deeper than ${MAX_DEPTH}`,
    );
  }
  cursor.require(count * least, `metadata ${quoted(key)} of ${count} items`);
  const numbers = readNumbers(cursor, kind, count);
  if (numbers !== undefined) return numbers;
  return Array.from(
    { length: count },
    () => readValue(cursor, key, { kind, depth: depth + 1 }),
  );
}

/** Items of a fixed size in one read; nothing for the other kinds. */
function readNumbers(
  cursor: ByteCursor,
  kind: number,
  count: number,
): ArrayBufferView | undefined {
  const bytes = () => cursor.bytes(count * LEAST_BYTES[kind]!).buffer;
  switch (kind) {
    case KIND.u8:
      return new Uint8Array(bytes());
    case KIND.i8:
      return new Int8Array(bytes());
    case KIND.u16:
      return new Uint16Array(bytes());
    case KIND.i16:
      return new Int16Array(bytes());
    case KIND.u32:
      return new Uint32Array(bytes());
    case KIND.i32:
      return new Int32Array(bytes());
    case KIND.f32:
      return new Float32Array(bytes());
    case KIND.f64:
      return new Float64Array(bytes());
    case KIND.u64:
      return new BigUint64Array(bytes());
    case KIND.i64:
      return new BigInt64Array(bytes());
    default:
      return undefined;
  }
}

function readBool(cursor: ByteCursor, key: string): boolean {
  const byte = cursor.u8();
  if (byte > 1) {
    throw cannotRead(
      cursor.path,
      `metadata ${quoted(key)} has the boolean ${byte}: it must be 0 or 1`,
      { actual: byte },
    );
  }
  return byte === 1;
}

function numberIfExact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function unknownKind(cursor: ByteCursor, key: string, kind: number): Error {
  return cannotRead(
    cursor.path,
    `metadata ${quoted(key)} has the kind ${kind}: kinds from 0 to ` +
      `${LEAST_BYTES.length - 1} are known`,
    { actual: kind },
  );
}
