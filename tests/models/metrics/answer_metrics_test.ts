import assert from "node:assert/strict";
import { ndcg, topK } from "../../../models/metrics/ranked_answers.ts";
import { vqaAccuracy } from "../../../models/metrics/vqa_accuracy.ts";
import { vqaAnswer } from "../../../models/metrics/vqa_answer.ts";
import golden from "../../golden/metrics/answers.json" with { type: "json" };

Deno.test("vqaAccuracy() equals the official rules on 200 answers", () => {
  assert.equal(golden.answers.length, 200);
  for (const { answer, people, plain, accuracy } of golden.answers) {
    assert.equal(vqaAnswer(answer), plain);
    const own = vqaAccuracy(answer, people);
    assert(Math.abs(own - accuracy) < 1e-9, `${answer}: ${own}, ${accuracy}`);
  }
});

Deno.test("ndcg() equals scikit-learn on 200 rankings", () => {
  assert.equal(golden.ranked.length, 200);
  for (const { scores, relevance, ndcg: wanted } of golden.ranked) {
    const own = ndcg(scores, relevance);
    assert(Math.abs(own - wanted) < 1e-9, `${own}, ${wanted}`);
  }
});

Deno.test("topK() counts scores above the right one", () => {
  assert.equal(topK([3, 1, 2], 2, 1), 0);
  assert.equal(topK([3, 1, 2], 2, 2), 1);
  assert.equal(topK([1, 1], 1, 1), 1);
});

Deno.test("metrics of answers refuse what they cannot judge", () => {
  assert.throws(() => vqaAccuracy("a cat", []), /"a cat": give one right/);
  assert.throws(() => ndcg([1, 2], [0, 0]), /0 of them above 0/);
  assert.throws(() => topK([1], 1, 5), /place 1 among 1 scores/);
});
