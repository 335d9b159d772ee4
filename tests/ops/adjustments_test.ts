import assert from "node:assert/strict";
import {
  type Adjustment,
  adjustmentWords,
  readAdjustment,
  writeAdjustments,
} from "../../ops/adjustments.ts";
import { createRandom } from "../support/random.ts";

Deno.test("readAdjustment() finds every entry and nothing else", () => {
  const random = createRandom(3), vocabulary = 1003, start = 7;
  const known = new Map<number, Adjustment>();
  for (const token of [0, 31, 32, 63, 1002]) {
    known.set(token, { count: token, bias: -1.5 });
  }
  while (known.size < 400) {
    const token = Math.floor(random() * vocabulary);
    known.set(token, { count: known.size, bias: known.size / 8 });
  }
  const words = adjustmentWords(vocabulary, known.size);
  const all = new Uint32Array(start + words);
  writeAdjustments(all.subarray(start), vocabulary, known);
  for (let token = 0; token < vocabulary; token++) {
    assert.deepEqual(readAdjustment(all, start, token), known.get(token));
  }
});

Deno.test("writeAdjustments() refuses tokens beyond the vocabulary", () => {
  const block = new Uint32Array(adjustmentWords(40, 1));
  const one = { count: 1, bias: 0 };
  assert.throws(
    () => writeAdjustments(block, 40, new Map([[40, one]])),
    /token 40 as the vocabulary has 40/,
  );
});
