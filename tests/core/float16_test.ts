import assert from "node:assert/strict";
import {
  bf16ToF32,
  f16ToF32,
  f32ToBf16,
  f32ToF16,
  packBf16,
  packF16,
} from "../../core/float16.ts";

Deno.test("f16ToF32() agrees with Float16Array for all 65536 patterns", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const halves = new Float16Array(bits.buffer);
  for (let i = 0; i < 65536; i++) assert.equal(f16ToF32(i), halves[i]);
});

Deno.test("f32ToF16() undoes f16ToF32() for every number", () => {
  for (let i = 0; i < 65536; i++) {
    const value = f16ToF32(i);
    assert.equal(f32ToF16(value), Number.isNaN(value) ? 0x7e00 : i);
  }
});

Deno.test("f32ToF16() rounds ties to even and overflows to infinity", () => {
  const cases: readonly (readonly [number, number])[] = [
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.5, 0x0001],
    [2 ** -14 - 2 ** -26, 0x0400],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-65520, 0xfc00],
    [-0, 0x8000],
  ];
  for (const [value, bits] of cases) {
    assert.equal(f32ToF16(value), bits, String(value));
    assert.equal(packF16(Float32Array.of(value))[0], bits, String(value));
  }
});

Deno.test("f32ToBf16() undoes bf16ToF32() for every number", () => {
  for (let i = 0; i < 65536; i++) {
    const value = bf16ToF32(i);
    if (Number.isNaN(value)) {
      assert.ok(Number.isNaN(bf16ToF32(f32ToBf16(value))));
    } else assert.equal(f32ToBf16(value), i);
  }
});

Deno.test("packBf16() rounds ties to even and keeps NaN a NaN", () => {
  const values = Float32Array.of(
    1 + 2 ** -8,
    1 + 3 * 2 ** -8,
    1 + 2 ** -8 + 2 ** -20,
    3.4e38,
    -Infinity,
  );
  assert.deepEqual(
    [...packBf16(values)],
    [0x3f80, 0x3f82, 0x3f81, 0x7f80, 0xff80],
  );
  const quiet = new Float32Array(Uint32Array.of(0x7f800001).buffer);
  assert.ok(Number.isNaN(bf16ToF32(packBf16(quiet)[0]!)));
});

Deno.test("packBf16() reads an array that is a view", () => {
  assert.deepEqual(
    [...packBf16(Float32Array.of(9, 1, 2).subarray(1))],
    [0x3f80, 0x4000],
  );
});
