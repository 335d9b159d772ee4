import assert from "node:assert/strict";
import { alibiSlopes } from "../../models/language/alibi_slopes.ts";

Deno.test("alibiSlopes() halve from head to head where there are eight", () => {
  const halves = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i);
  assert.deepEqual([...alibiSlopes(8)], halves);
  assert.deepEqual([...alibiSlopes(1)], [2 ** -8]);
});

Deno.test("alibiSlopes() takes every second one of the next power of two first", () => {
  const eighths = (i: number) => 2 ** -i;
  assert.deepEqual([...alibiSlopes(6)], [2, 4, 6, 8, 1, 3].map(eighths));
  assert.deepEqual([...alibiSlopes(3, 4)], [2, 4, 1].map(eighths));
});
