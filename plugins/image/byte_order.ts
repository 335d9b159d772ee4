/**
 * Reads of whole numbers and four-letter tags at an offset; out of range gives
 * 0, so that a caller checks lengths once, where a message can be made.
 *
 * @module
 */

/** Unsigned 16 bits, least significant byte first. */
export function u16le(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Unsigned 24 bits, least significant byte first. */
export function u24le(bytes: Uint8Array, at: number): number {
  return u16le(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
}

/** Unsigned 32 bits, least significant byte first. */
export function u32le(bytes: Uint8Array, at: number): number {
  return (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;
}

/** Unsigned 16 bits, most significant byte first. */
export function u16be(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Unsigned 32 bits, most significant byte first. */
export function u32be(bytes: Uint8Array, at: number): number {
  return ((u16be(bytes, at) << 16) | u16be(bytes, at + 2)) >>> 0;
}

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
