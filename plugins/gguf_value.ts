/**
 * Values of a GGUF file's metadata as the file has them: the number of their
 * kind, then their bytes.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

/** A value with its kind, encoded. */
export type GgufValue = Uint8Array<ArrayBuffer>;

/** Numbers of the kinds that are written. */
const KIND = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

/** A whole number from 0 to 2^32 − 1. */
export function ggufU32(value: number): GgufValue {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) {
    return joined([u32(KIND.u32), u32(value)]);
  }
  throw new RookeryError(
    "config",
    `Cannot write ${value} into GGUF metadata as it must be a whole number ` +
      "from 0 to 4294967295",
    { actual: value },
  );
}

/** A 32-bit float. */
export function ggufF32(value: number): GgufValue {
  return joined([u32(KIND.f32), bytesOf(Float32Array.of(value))]);
}

/** `true` or `false`. */
export function ggufBool(value: boolean): GgufValue {
  return joined([u32(KIND.bool), Uint8Array.of(value ? 1 : 0)]);
}

/** A text. */
export function ggufText(value: string): GgufValue {
  return joined([u32(KIND.string), ...textParts(value)]);
}

/** A list of texts. */
export function ggufTexts(values: readonly string[]): GgufValue {
  return joined([
    ...listHead(KIND.string, values.length),
    ...values.flatMap(textParts),
  ]);
}

/** A list of 32-bit whole numbers. */
export function ggufI32s(values: Int32Array<ArrayBuffer>): GgufValue {
  return joined([...listHead(KIND.i32, values.length), bytesOf(values)]);
}

/** A list of 32-bit floats. */
export function ggufF32s(values: Float32Array<ArrayBuffer>): GgufValue {
  return joined([...listHead(KIND.f32, values.length), bytesOf(values)]);
}

function listHead(kind: number, count: number): Uint8Array[] {
  return [u32(KIND.array), u32(kind), u64(count)];
}

function textParts(text: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  return [u64(bytes.length), bytes];
}

function u32(value: number): Uint8Array {
  return bytesOf(Uint32Array.of(value));
}

function u64(value: number): Uint8Array {
  return bytesOf(BigUint64Array.of(BigInt(value)));
}

/** All devices that Deno runs on are little-endian, as the format is. */
function bytesOf(values: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function joined(parts: readonly Uint8Array[]): GgufValue {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
