/**
 * From the bytes of a stored tensor to f32. This is the meaning of every
 * format in {@link FORMAT_BLOCKS}; device layouts are tested against it.
 *
 * @module
 */
import { decodeQ4K, decodeQ6K } from "./decode_k_quants.ts";
import { RookeryError } from "./errors.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "./stored_tensor.ts";

/**
 * Decodes whole blocks of `format` to f32, in order. Integers and f64 are
 * rounded to the nearest f32, booleans become 0 and 1.
 *
 * @param bytes a whole number of blocks
 * @param out takes the values from its start; made when left out
 * @returns `out`
 * @throws {RookeryError} `dtype` when `bytes` is not whole blocks or `out` is
 * too short
 */
export function decodeToF32(
  format: StoredFormat,
  bytes: Uint8Array,
  out?: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const block = FORMAT_BLOCKS[format];
  const count = (bytes.length / block.bytes) * block.elements;
  if (!Number.isInteger(count)) {
    throw new RookeryError(
      "dtype",
      `Cannot decode ${bytes.length} bytes of ${format}: the length must be ` +
        `a multiple of ${block.bytes} (one block)`,
      { expected: block.bytes, actual: bytes.length },
    );
  }
  const target = out ?? new Float32Array(count);
  if (target.length < count) {
    throw new RookeryError(
      "dtype",
      `Cannot decode ${count} values of ${format} into an array of ` +
        `${target.length}: give an array of at least ${count}`,
      { expected: count, actual: target.length },
    );
  }
  DECODERS[format](aligned(bytes, block.bytes), target);
  return target;
}

type Decode = (bytes: Uint8Array<ArrayBuffer>, out: Float32Array) => void;

const DECODERS: Readonly<Record<StoredFormat, Decode>> = {
  f64: (bytes, out) => out.set(new Float64Array(...extent(bytes, 8))),
  f32: (bytes, out) => out.set(new Float32Array(...extent(bytes, 4))),
  f16: decodeF16,
  bf16: decodeBf16,
  i64: decodeI64,
  i32: (bytes, out) => out.set(new Int32Array(...extent(bytes, 4))),
  i16: (bytes, out) => out.set(new Int16Array(...extent(bytes, 2))),
  i8: (bytes, out) => out.set(new Int8Array(...extent(bytes, 1))),
  u8: (bytes, out) => out.set(bytes),
  bool: (bytes, out) => bytes.forEach((b, i) => out[i] = b === 0 ? 0 : 1),
  q8_0: decodeQ8_0,
  q4_0: decodeQ4_0,
  q4_1: decodeQ4_1,
  q4_k: decodeQ4K,
  q6_k: decodeQ6K,
};

/** The same bytes where a typed array of `size`-byte items may start. */
function aligned(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const isPlain = bytes.buffer instanceof ArrayBuffer;
  return isPlain && bytes.byteOffset % size === 0
    ? bytes as Uint8Array<ArrayBuffer>
    : new Uint8Array(bytes);
}

function extent(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): [ArrayBuffer, number, number] {
  return [bytes.buffer, bytes.byteOffset, bytes.length / size];
}

function decodeF16(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const halves = new Float16Array(...extent(bytes, 2));
  // A loop: typed array's set() converts halves several times slower.
  for (let i = 0; i < halves.length; i++) out[i] = halves[i]!;
}

function decodeBf16(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const halves = new Uint16Array(...extent(bytes, 2));
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
}

function decodeI64(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const longs = new BigInt64Array(...extent(bytes, 8));
  for (let i = 0; i < longs.length; i++) out[i] = Number(longs[i]!);
}

/** Block: f16 scale, 32 signed bytes. Value = scale · byte. */
function decodeQ8_0(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, to = 0; at < bytes.length; at += 34, to += 32) {
    const scale = view.getFloat16(at, true);
    for (let i = 0; i < 32; i++) {
      out[to + i] = scale * ((bytes[at + 2 + i]! << 24) >> 24);
    }
  }
}

/**
 * Block: f16 scale, 16 bytes. Low nibbles are elements 0-15, high nibbles
 * 16-31; value = scale · (nibble − 8).
 */
function decodeQ4_0(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, to = 0; at < bytes.length; at += 18, to += 32) {
    const scale = view.getFloat16(at, true);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i]!;
      out[to + i] = scale * ((pair & 15) - 8);
      out[to + 16 + i] = scale * ((pair >> 4) - 8);
    }
  }
}

/** Block: f16 scale, f16 minimum, 16 bytes. Value = scale · nibble + minimum. */
function decodeQ4_1(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, to = 0; at < bytes.length; at += 20, to += 32) {
    const scale = view.getFloat16(at, true);
    const minimum = view.getFloat16(at + 2, true);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i]!;
      out[to + i] = scale * (pair & 15) + minimum;
      out[to + 16 + i] = scale * (pair >> 4) + minimum;
    }
  }
}
