import assert from "node:assert/strict";
import { decodeToF32 } from "../../core/decode_stored.ts";
import { RookeryError } from "../../core/errors.ts";
import type { StoredFormat } from "../../core/stored_tensor.ts";

function bytesOf(array: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(array.buffer);
}

Deno.test("decodeToF32() decodes every plain format", () => {
  const cases: readonly (readonly [
    StoredFormat,
    ArrayBufferView<ArrayBuffer>,
    readonly number[],
  ])[] = [
    ["f64", Float64Array.of(0.1, -2), [Math.fround(0.1), -2]],
    ["f32", Float32Array.of(0.5, -2), [0.5, -2]],
    ["f16", Uint16Array.of(0x3c00, 0xc000, 0x0001), [1, -2, 2 ** -24]],
    ["bf16", Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ["i64", BigInt64Array.of(-3n, 2n ** 40n), [-3, 2 ** 40]],
    ["i32", Int32Array.of(-3, 2 ** 24 + 1), [-3, 2 ** 24]],
    ["i16", Int16Array.of(-3, 32767), [-3, 32767]],
    ["i8", Int8Array.of(-128, 127), [-128, 127]],
    ["u8", Uint8Array.of(0, 255), [0, 255]],
    ["bool", Uint8Array.of(0, 1, 7), [0, 1, 1]],
  ];
  for (const [format, stored, values] of cases) {
    assert.deepEqual([...decodeToF32(format, bytesOf(stored))], values, format);
  }
});

/** A block with the given halves first and nibble or byte `i` after them. */
function block(halves: readonly number[], rest: readonly number[]): Uint8Array {
  const head = bytesOf(new Float16Array(halves));
  return Uint8Array.from([...head, ...rest]);
}

/** Byte i has low nibble i and high nibble 15 − i. */
const NIBBLES = Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4));
const ORDER = Array.from({ length: 32 }, (_, i) => i < 16 ? i : 31 - i);

Deno.test("decodeToF32() decodes blocks of q8_0", () => {
  const stored = block([0.5], Array.from({ length: 32 }, (_, i) => i * 8));
  const values = Array.from(
    { length: 32 },
    (_, i) => 0.5 * (i < 16 ? i * 8 : i * 8 - 256),
  );
  assert.deepEqual([...decodeToF32("q8_0", stored)], values);
});

Deno.test("decodeToF32() decodes blocks of q4_0", () => {
  const stored = block([0.5], NIBBLES);
  assert.deepEqual(
    [...decodeToF32("q4_0", stored)],
    ORDER.map((q) => 0.5 * (q - 8)),
  );
});

Deno.test("decodeToF32() decodes blocks of q4_1", () => {
  const stored = block([0.5, -1], NIBBLES);
  assert.deepEqual(
    [...decodeToF32("q4_1", Uint8Array.from([...stored, ...stored]))],
    [...ORDER, ...ORDER].map((q) => 0.5 * q - 1),
  );
});

Deno.test("decodeToF32() takes bytes at any offset", () => {
  const shifted = Uint8Array.from([0, ...bytesOf(Float32Array.of(3, 4))]);
  assert.deepEqual([...decodeToF32("f32", shifted.subarray(1))], [3, 4]);
});

Deno.test("decodeToF32() fills the array it is given from its start", () => {
  const out = new Float32Array(new Float32Array(5).buffer, 4, 4).fill(9);
  const result = decodeToF32("bf16", bytesOf(Uint16Array.of(0x3f80)), out);
  assert.equal(result, out);
  assert.deepEqual([...out], [1, 9, 9, 9]);
});

Deno.test("decodeToF32() refuses a part of a block", () => {
  assert.throws(
    () => decodeToF32("q4_1", new Uint8Array(21)),
    (error) =>
      error instanceof RookeryError && error.code === "dtype" &&
      /21 bytes of q4_1.*multiple of 20/.test(error.message),
  );
});

Deno.test("decodeToF32() refuses an array that is too short", () => {
  assert.throws(
    () => decodeToF32("u8", new Uint8Array(3), new Float32Array(2)),
    /3 values of u8 into an array of 2/,
  );
});
