import assert from "node:assert/strict";
import { samePadding } from "../../ops/same_padding.ts";

Deno.test("samePadding() pads as TensorFlow's SAME", () => {
  assert.deepEqual(samePadding(160, 3, 2), [0, 1]);
  assert.deepEqual(samePadding(80, 3, 1), [1, 1]);
  assert.deepEqual(samePadding(40, 5, 2), [1, 2]);
  assert.deepEqual(samePadding(5, 5, 1), [2, 2]);
  assert.deepEqual(samePadding(7, 3, 2), [1, 1]);
  assert.deepEqual(samePadding(4, 1, 2), [0, 0]);
  assert.deepEqual(samePadding(6, 2, 3), [0, 0]);
});

Deno.test("samePadding() gives ceil(size / stride) results", () => {
  for (let size = 1; size < 20; size++) {
    for (let kernel = 1; kernel < 6; kernel++) {
      for (let stride = 1; stride < 4; stride++) {
        const [before, after] = samePadding(size, kernel, stride);
        const padded = size + before + after;
        assert.equal(
          Math.floor((padded - kernel) / stride) + 1,
          Math.ceil(size / stride),
        );
        assert(after - before === 0 || after - before === 1);
      }
    }
  }
});
