/** Layouts on the host: what is packed comes back, bit for bit. */
import assert from "node:assert/strict";
import { decodeToF32 } from "../../../core/decode_stored.ts";
import { RookeryError } from "../../../core/errors.ts";
import { rowBlocks } from "../../../core/layouts/layout.ts";
import { layoutNamed, LAYOUTS } from "../../../core/layouts/layout_named.ts";
import { FORMAT_BLOCKS } from "../../../core/stored_tensor.ts";
import { createRandom, randomValues } from "../../support/random.ts";

/** Stored bytes of a layout's own format; scales are kept finite. */
function storedBytes(
  name: "f32" | "f16" | "q8_0" | "q4_1",
  count: number,
  random: () => number,
): Uint8Array<ArrayBuffer> {
  const values = randomValues(random, "f32", count, [-3, 3]);
  return layoutNamed(name).quantize(values as Float32Array<ArrayBuffer>);
}

for (const layout of LAYOUTS) {
  const { name } = layout;
  Deno.test(`${name} layout moves stored blocks bit for bit`, () => {
    const random = createRandom(3);
    for (const [rows, columns] of [[1, 32], [7, 64], [8, 96], [17, 160]]) {
      const { elements, bytes: size } = FORMAT_BLOCKS[name];
      const bytes = Uint8Array.from(
        { length: rows! * columns! / elements * size },
        () => 256 * random(),
      );
      const packed = layout.packRows(name, bytes, rows!, columns!);
      assert.equal(
        packed.length,
        Math.ceil(rows! / 16) * 2 * layout.tileBytes(columns!),
      );
      assert.deepEqual(
        layout.unpackRows(packed, rows!, columns!),
        decodeToF32(name, bytes),
      );
    }
  });

  Deno.test(`${name} layout packs rows that end within a block`, () => {
    const values = randomValues(createRandom(5), "f32", 9 * 35, [-1, 1]);
    const bytes = new Uint8Array(values.buffer);
    const packed = layout.packRows("f32", bytes, 9, 35);
    const back = layout.unpackRows(packed, 9, 35);
    // Half a level, and what the rounding of the scales to f16 adds.
    const allowed = {
      f32: 0,
      f16: 2 ** -12,
      q8_0: 0.5 / 127 + 2 ** -11,
      q4_1: 1 / 15 + 3 * 2 ** -11,
    };
    back.forEach((value, i) =>
      assert.ok(Math.abs(value - values[i]!) <= allowed[name], `at ${i}`)
    );
  });

  Deno.test(`${name} layout packs bytes that start anywhere`, () => {
    const bytes = storedBytes(name, 8 * 64, createRandom(6));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    assert.deepEqual(
      layout.packRows(name, shifted.subarray(1), 8, 64),
      layout.packRows(name, bytes, 8, 64),
    );
  });

  Deno.test(`${name} layout packs slices of 16 rows as it packs the whole`, () => {
    const bytes = storedBytes(name, 40 * 64, createRandom(8));
    const { elements, bytes: size } = FORMAT_BLOCKS[name];
    const cut = 16 * 64 / elements * size;
    const whole = layout.packRows(name, bytes, 40, 64);
    const parts = [
      layout.packRows(name, bytes.subarray(0, cut), 16, 64),
      layout.packRows(name, bytes.subarray(cut), 24, 64),
    ];
    assert.deepEqual(whole, new Uint8Array(parts.flatMap((p) => [...p])));
  });

  Deno.test(`${name} layout refuses bytes of another size`, () => {
    assert.throws(
      () => layout.packRows("f32", new Uint8Array(100), 2, 32),
      (error) => error instanceof RookeryError && error.code === "dtype",
    );
    assert.throws(
      () => layout.unpackRows(new Uint8Array(100), 2, 32),
      (error) => error instanceof RookeryError && error.code === "dtype",
    );
  });

  Deno.test(`${name} layout counts its blocks and bytes alike`, () => {
    assert.equal(rowBlocks(layout, 33), Math.ceil(33 / layout.block));
    assert.equal(
      layout.tileBytes(33),
      rowBlocks(layout, 33) * layout.blockElements * 16,
    );
  });
}

Deno.test("q8_0 layout takes rows from bf16", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i % 2 ? 0x3f : 0x80);
  const layout = layoutNamed("q8_0");
  const packed = layout.packRows("bf16", bytes, 1, 32);
  const back = layout.unpackRows(packed, 1, 32);
  back.forEach((value) => assert.ok(Math.abs(value - 1) < 1e-3));
});

Deno.test("layoutNamed() names the choices when it refuses", () => {
  assert.throws(() => layoutNamed("q5_0"), /"q5_0".*f32, f16, q8_0, q4_1/s);
});
