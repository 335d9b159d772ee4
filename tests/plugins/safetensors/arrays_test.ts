import assert from "node:assert/strict";
import { readSafetensors } from "../../../plugins/safetensors/arrays.ts";
import { goldenPath } from "../golden_checkpoint.ts";

Deno.test("readSafetensors() gives integers in their own width", async () => {
  const arrays = await readSafetensors(goldenPath("inputs.safetensors"));
  assert.deepEqual(arrays.get("input_ids"), {
    shape: [1, 3],
    format: "i64",
    values: BigInt64Array.of(1n, 2n, 2n ** 40n),
  });
  assert.deepEqual(
    arrays.get("attention_mask")!.values,
    Int32Array.of(0, 1, 1),
  );
  const pixels = arrays.get("pixel_values")!;
  assert.deepEqual(pixels.shape, [1, 1, 3, 2, 2]);
  assert.ok(pixels.values instanceof Float32Array);
});

Deno.test("readSafetensors() gives every float as f32", async () => {
  const arrays = await readSafetensors(goldenPath("all.safetensors"));
  for (const format of ["f64", "f32", "f16", "bf16"]) {
    const { values } = arrays.get(`all.${format}`)!;
    assert.ok(values instanceof Float32Array && values.length === 15, format);
  }
  assert.ok(arrays.get("all.i16")!.values instanceof Int16Array);
  assert.ok(arrays.get("all.i8")!.values instanceof Int8Array);
});
