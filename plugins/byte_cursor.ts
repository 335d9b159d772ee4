/**
 * Reads a file's small fields one after another through a window of at most
 * one mebibyte, so that a header is parsed without holding the file.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { cannotRead } from "./cannot_read.ts";

/** The window grows as more is read: many a cursor reads a few bytes only. */
const FIRST_WINDOW_BYTES = 1 << 12, MOST_WINDOW_BYTES = 1 << 20;

/** A position in a range of a file; every read moves it on. Little-endian. */
export class ByteCursor {
  readonly #file: ByteSource;
  readonly #end: number;
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #window: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view: DataView<ArrayBuffer> = new DataView(this.#window.buffer);
  /** Place of the window in the file. */
  #windowStart: number;
  /** Place of the next byte inside the window. */
  #at = 0;
  #windowBytes = FIRST_WINDOW_BYTES;

  /** Starts at byte `start`; the last byte that may be read is `end` − 1. */
  constructor(file: ByteSource, start = 0, end: number = file.sizeBytes) {
    this.#file = file;
    this.#end = end;
    this.#windowStart = start;
  }

  /** Path of the file, for messages. */
  get path(): string {
    return this.#file.path;
  }

  /** Place of the next byte in the file. */
  get position(): number {
    return this.#windowStart + this.#at;
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#end - this.position;
  }

  /**
   * Throws unless `count` bytes are left; called before anything of that size
   * is allocated.
   */
  require(count: number, what: string): void {
    if (count <= this.remaining) return;
    throw cannotRead(
      this.path,
      `it is cut short or damaged: ${what} at byte ${this.position} takes ` +
        `${count} bytes, ${this.remaining} are left`,
      { expected: count, actual: this.remaining },
    );
  }

  /** Unsigned byte. */
  u8(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }

  /** Signed byte. */
  i8(): number {
    const at = this.#take(1);
    return this.#view.getInt8(at);
  }

  /** Unsigned 16 bits. */
  u16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, true);
  }

  /** Signed 16 bits. */
  i16(): number {
    const at = this.#take(2);
    return this.#view.getInt16(at, true);
  }

  /** Unsigned 32 bits. */
  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  /** Signed 32 bits. */
  i32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, true);
  }

  /** Unsigned 64 bits. */
  u64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigUint64(at, true);
  }

  /** Signed 64 bits. */
  i64(): bigint {
    const at = this.#take(8);
    return this.#view.getBigInt64(at, true);
  }

  /** 32-bit float. */
  f32(): number {
    const at = this.#take(4);
    return this.#view.getFloat32(at, true);
  }

  /** 64-bit float. */
  f64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  /** Big-endian 64-bit float, as pickles have it. */
  f64BigEndian(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, false);
  }

  /**
   * Unsigned 64 bits as a number. Sizes above 2^53 cannot exist; they are
   * given back as 2^64-ish numbers that fail every later size check.
   */
  size(): number {
    const at = this.#take(8);
    const low = this.#view.getUint32(at, true);
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + low;
  }

  /** Copy of the next `count` bytes. */
  bytes(count: number, what = "a field"): Uint8Array<ArrayBuffer> {
    this.require(count, what);
    const at = this.#take(count);
    return this.#window.slice(at, at + count);
  }

  /** UTF-8 text of `count` bytes; refused when it is not valid. */
  text(count: number, what = "a string"): string {
    this.require(count, what);
    const at = this.#take(count);
    const bytes = this.#window.subarray(at, at + count);
    return shortAscii(bytes) ?? this.#decode(bytes, what);
  }

  /** Moves on by `count` bytes without reading them. */
  skip(count: number, what: string): void {
    this.require(count, what);
    const start = this.position + count;
    this.#at += count;
    if (this.#at <= this.#window.length) return;
    this.#window = new Uint8Array(0);
    this.#view = new DataView(this.#window.buffer);
    this.#windowStart = start;
    this.#at = 0;
  }

  /** Text up to the next line feed, at most `limit` bytes. */
  line(limit = 1024): string {
    const start = this.position;
    let text = "";
    for (let code = this.u8(); code !== 10; code = this.u8()) {
      text += String.fromCharCode(code);
      if (text.length > limit) {
        throw cannotRead(
          this.path,
          `the name at byte ${start} is longer than ${limit} bytes`,
        );
      }
    }
    return text;
  }

  #decode(bytes: Uint8Array<ArrayBuffer>, what: string): string {
    try {
      return this.#text.decode(bytes);
    } catch (cause) {
      throw cannotRead(
        this.path,
        `${what} at byte ${this.position - bytes.length} is not valid UTF-8`,
        { cause },
      );
    }
  }

  /** Makes `count` bytes available; gives their place in the window. */
  #take(count: number): number {
    if (this.#at + count > this.#window.length) this.#refill(count);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #refill(count: number): void {
    this.require(count, "a field");
    const start = this.position;
    const length = Math.min(
      this.remaining,
      Math.max(count, this.#windowBytes),
    );
    this.#windowBytes = Math.min(2 * this.#windowBytes, MOST_WINDOW_BYTES);
    this.#window = this.#file.read(start, start + length);
    this.#view = new DataView(this.#window.buffer);
    this.#windowStart = start;
    this.#at = 0;
  }
}

/** ASCII text of up to 24 bytes: a decoder's call costs more than this loop. */
function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > 24) return undefined;
  for (const byte of bytes) {
    if (byte > 127) return undefined;
  }
  return String.fromCharCode(...bytes);
}
