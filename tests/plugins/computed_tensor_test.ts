import assert from "node:assert/strict";
import { inMemory } from "../../core/evaluate_on.ts";
import {
  computedTensor,
  scaledTensor,
  transposedTensor,
  valuesOf,
} from "../../plugins/computed_tensor.ts";

const X = inMemory("x", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));

Deno.test("transposedTensor() reorders axes", async () => {
  const y = transposedTensor(X, [1, 0]);
  assert.deepEqual(y.shape, [3, 2]);
  assert.deepEqual([...await valuesOf(y)], [1, 4, 2, 5, 3, 6]);
  const wide = inMemory("w", [2, 2, 3], new Float32Array(12).map((_, i) => i));
  const moved = transposedTensor(wide, [2, 0, 1]);
  assert.deepEqual(moved.shape, [3, 2, 2]);
  const expected = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11];
  assert.deepEqual([...await valuesOf(moved)], expected);
});

Deno.test("scaledTensor() scales, and reads ranges", async () => {
  const y = scaledTensor(X, 2);
  assert.deepEqual([...await valuesOf(y)], [2, 4, 6, 8, 10, 12]);
  const part = await y.read(4, 12);
  assert.deepEqual([...new Float32Array(part.buffer)], [4, 6]);
});

Deno.test("computedTensor() computes on reading only, and checks", async () => {
  let calls = 0;
  const y = computedTensor("y", [3], () => {
    calls++;
    return Float32Array.of(1, 2);
  });
  assert.equal(calls, 0);
  await assert.rejects(y.read(0, 4), /tensor y of shape \[3\] as 2 values/);
  assert.equal(calls, 1);
});
