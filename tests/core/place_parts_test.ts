import assert from "node:assert/strict";
import { placeParts } from "../../core/webgpu/weight_memory.ts";
import { createRandom } from "../support/random.ts";

Deno.test("placeParts() aligns parts and keeps them in one buffer", () => {
  assert.deepEqual(placeParts([100, 300, 16], 1024), {
    offsets: [0, 256, 768],
    end: 784,
  });
  // The second would cross byte 1024, the end of the first buffer.
  assert.deepEqual(placeParts([800, 500, 600], 1024), {
    offsets: [0, 1024, 2048],
    end: 2648,
  });
  assert.deepEqual(placeParts([], 1024), { offsets: [], end: 0 });
});

Deno.test("placeParts() never needs more for some of the parts", () => {
  const random = createRandom(7);
  for (let round = 0; round < 200; round++) {
    const sizes = Array.from(
      { length: 12 },
      () => 16 * Math.ceil(60 * random()),
    );
    const some = sizes.filter(() => random() < 0.6);
    const all = placeParts(sizes, 1024).end;
    assert.ok(placeParts(some, 1024).end <= all, `${sizes} | ${some}`);
  }
});
