import assert from "node:assert/strict";
import {
  averagePrecision,
  rocAuc,
  type ScoredExample,
} from "../../../models/metrics/ranking_metrics.ts";
import golden from "../../golden/metrics/ranking.json" with { type: "json" };

function examplesOf(
  { labels, scores }: { labels: number[]; scores: number[] },
): ScoredExample[] {
  return scores.map((score, i) => ({ score, positive: labels[i] === 1 }));
}

Deno.test("rocAuc() equals scikit-learn on 200 rankings", () => {
  assert.equal(golden.cases.length, 200);
  for (const [i, item] of golden.cases.entries()) {
    const auc = rocAuc(examplesOf(item));
    assert(Math.abs(auc - item.auc) < 1e-9, `case ${i}: ${auc}, ${item.auc}`);
  }
});

Deno.test("averagePrecision() equals scikit-learn on 200 rankings", () => {
  for (const [i, item] of golden.cases.entries()) {
    const found = averagePrecision(examplesOf(item));
    assert(Math.abs(found - item.ap) < 1e-9, `case ${i}: ${found}, ${item.ap}`);
  }
});

Deno.test("ranking metrics refuse one class and scores that are not finite", () => {
  const yes = { score: 1, positive: true };
  const no = { score: 0, positive: false };
  assert.throws(() => rocAuc([yes]), /none is negative/);
  assert.throws(() => rocAuc([no]), /none is positive/);
  assert.throws(() => averagePrecision([no]), /none is positive/);
  assert.throws(() => rocAuc([yes, { ...no, score: NaN }]), /example 1 is NaN/);
  assert.equal(averagePrecision([yes]), 1);
});
