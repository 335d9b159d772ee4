import assert from "node:assert/strict";
import { meanAveragePrecision } from "../../../models/metrics/mean_average_precision.ts";
import {
  squadAnswer,
  squadExactMatch,
  squadF1,
} from "../../../models/metrics/squad_answer.ts";
import golden from "../../golden/metrics/short_answers.json" with {
  type: "json",
};

type Answers = [string, string, number, number];
type Table = [string[], string[], number];

Deno.test("squadExactMatch() and squadF1() equal the original on 200 answers", () => {
  assert.equal(golden.answers.length, 200);
  for (const item of golden.answers as Answers[]) {
    const [guess, truth, exact, f1] = item;
    assert.equal(squadExactMatch(guess, [truth]), exact, `${item}`);
    const difference = Math.abs(squadF1(guess, [truth]) - f1);
    assert(difference < 1e-9, `${item}`);
  }
});

Deno.test("squadF1() takes the nearest right answer, and refuses none", () => {
  assert.equal(squadAnswer(" The  red-dog, an A. "), "reddog");
  assert.equal(squadF1("a red dog", ["cat", "red dog"]), 1);
  assert.equal(squadExactMatch("cats", ["cat", "The cats!"]), 1);
  assert.throws(() => squadF1("x", []), /without right answers/);
  assert.throws(() => squadExactMatch("x", []), /without right answers/);
});

Deno.test("meanAveragePrecision() equals scikit-learn on 200 tables", () => {
  assert.equal(golden.tables.length, 200);
  for (const [labels, scores, mean] of golden.tables as Table[]) {
    const found = meanAveragePrecision(
      labels.map((row, c) =>
        [...row].map((label, i) => ({
          positive: label === "1",
          score: Number(scores[c]![i]),
        }))
      ),
    );
    assert.equal(found.each.length, labels.length);
    assert(Math.abs(found.mean - mean) < 1e-9, `${labels} ${scores} ${mean}`);
  }
  assert.throws(() => meanAveragePrecision([]), /0 classes/);
});
