import assert from "node:assert/strict";
import {
  bestOf,
  exactMatch,
  mostFrequent,
  tokenF1,
} from "../../evaluation/text_metrics.ts";
import golden from "../golden/metrics/bootstrap.json" with { type: "json" };

Deno.test("tokenF1() counts words as the training recipe does", () => {
  for (const { guess, truth, f1 } of golden.f1) {
    assert.equal(tokenF1(guess, truth), f1, `"${guess}" for "${truth}"`);
  }
});

Deno.test("exactMatch() wants every letter", () => {
  assert.equal(exactMatch("dog", "dog"), 1);
  assert.equal(exactMatch("Dog", "dog"), 0);
});

Deno.test("bestOf() takes the first of equal scores", () => {
  assert.equal(bestOf([-3, -1, -1]), 1);
});

Deno.test("mostFrequent() takes the first of equal counts", () => {
  assert.equal(mostFrequent(["a", "b", "b", "a", "c"]), "a");
  assert.equal(mostFrequent(["a", "b", "b"]), "b");
});
