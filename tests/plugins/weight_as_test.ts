import assert from "node:assert/strict";
import { decodeToF32 } from "../../core/decode_stored.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import { FORMAT_BLOCKS } from "../../core/stored_tensor.ts";
import { WEIGHT_FORMATS } from "../../core/weight_formats.ts";
import { weightAs } from "../../plugins/weight_as.ts";
import { createRandom } from "../support/random.ts";

const random = createRandom(3);
const VALUES = Float32Array.from({ length: 5 * 48 }, () => random() * 2 - 1);

Deno.test("weightAs() gives the same bytes whatever is read at once", async () => {
  for (const format of WEIGHT_FORMATS) {
    const made = weightAs(inMemory("w", [5, 48], VALUES), format);
    const { elements, bytes } = FORMAT_BLOCKS[format];
    assert.equal(made.sizeBytes, 5 * Math.ceil(48 / elements) * bytes);
    const whole = await made.read(0, made.sizeBytes);
    for (const [start, end] of [[0, 1], [7, 90], [33, 33], [100, 300]]) {
      const to = Math.min(end!, made.sizeBytes);
      assert.deepEqual(
        await made.read(start!, to),
        whole.slice(start!, to),
        `${format} ${start}`,
      );
    }
  }
});

Deno.test("weightAs() rows end in zeros that say nothing of the others", async () => {
  for (const format of ["q8_0", "q4_1", "q4_0"] as const) {
    const made = weightAs(inMemory("w", [5, 48], VALUES), format);
    const values = decodeToF32(format, await made.read(0, made.sizeBytes));
    const step = { q8_0: 1 / 127, q4_1: 2 / 15, q4_0: 1 / 7 }[format];
    for (let row = 0; row < 5; row++) {
      for (let i = 0; i < 64; i++) {
        const wanted = i < 48 ? VALUES[row * 48 + i]! : 0;
        const off = Math.abs(values[row * 64 + i]! - wanted);
        assert.ok(off <= step, `${format} [${row}, ${i}] is off by ${off}`);
      }
    }
    // From one format to another, the filling is not taken for values.
    const again = weightAs(made, "f32");
    assert.equal(again.sizeBytes, VALUES.byteLength);
    const back = decodeToF32("f32", await again.read(0, again.sizeBytes));
    assert.equal(back[48], values[64]);
  }
});

Deno.test("weightAs() leaves alone what is of the format", () => {
  const stored = inMemory("w", [5, 48], VALUES);
  assert.equal(weightAs(stored, "f32"), stored);
  assert.equal(weightAs(stored, "stored"), stored);
});
