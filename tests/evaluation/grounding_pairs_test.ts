import assert from "node:assert/strict";
import {
  groundingAucs,
  thresholdAccuracy,
} from "../../evaluation/grounding_pairs.ts";

const WORDS = [[2, true], [1, true], [-1, false], [0.5, false]].map(
  ([score, isSupported], i) => ({
    text: "word",
    pair: i >> 1,
    isSupported: isSupported as boolean,
    overBlank: score as number,
    overClosed: -(score as number),
    logprob: 0,
  }),
);

Deno.test("groundingAucs() gives an area and an interval for each score", () => {
  // Pairs hold both kinds, so that every resample has both.
  const pairs = WORDS.map((word, i) => ({ ...word, pair: i % 2 }));
  const areas = groundingAucs(pairs);
  assert.deepEqual(
    areas.map(({ score, auc }) => [score, auc]),
    [["overBlank", 1], ["overClosed", 0], ["logprob", 0.5]],
  );
  for (const { auc, low, high } of areas) assert(low <= auc && auc <= high);
});

Deno.test("thresholdAccuracy() counts words on the right side", () => {
  assert.equal(thresholdAccuracy(WORDS, 0), 0.75);
  assert.equal(thresholdAccuracy(WORDS, 0.7), 1);
});
