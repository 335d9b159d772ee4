import assert from "node:assert/strict";
import {
  chooseStrength,
  fitLogisticHead,
  predictByHead,
  scoreByHead,
} from "../../mod.ts";
import { minimise } from "../../models/tasks/minimise.ts";
import cases from "../golden/models/logistic_regression.json" with {
  type: "json",
};
import { createRandom } from "../support/random.ts";

for (const [i, golden] of cases.entries()) {
  Deno.test(`fitLogisticHead() gives scikit-learn's chances, case ${i}`, () => {
    const { strength, vectors, labels, tests, chances } = golden;
    const head = fitLogisticHead({
      vectors: vectors.map((row) => Float32Array.from(row)),
      labels: labels.map(String),
    }, { strength, tolerance: 1e-9 });
    assert.deepEqual(head.classes, [...new Set(labels.map(String))].sort());
    for (const [t, test] of tests.entries()) {
      const scores = scoreByHead(head, Float32Array.from(test));
      scores.forEach((score, k) => {
        const difference = Math.abs(Math.exp(score) - chances[t]![k]!);
        assert.ok(difference <= 1e-5, `off by ${difference}`);
      });
    }
  });
}

Deno.test("minimise() finds the minimum of Rosenbrock's valley and of a bowl", () => {
  const valley = minimise((x) => {
    const [a, b] = x as unknown as [number, number];
    return {
      value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
      gradient: Float64Array.of(
        -2 * (1 - a) - 400 * a * (b - a * a),
        200 * (b - a * a),
      ),
    };
  }, Float64Array.of(-1.2, 1));
  assert.ok([...valley.x].every((value) => Math.abs(value - 1) < 1e-5));
  const bowl = (x: Float64Array) => ({
    value: x.reduce((sum, v, i) => sum + 10 ** i * (v - i) ** 2, 0),
    gradient: x.map((v, i) => 2 * 10 ** i * (v - i)),
  });
  const { x } = minimise(bowl, new Float64Array(5), { tolerance: 1e-9 });
  assert.ok([...x].every((value, i) => Math.abs(value - i) < 1e-6));
  const one = minimise(bowl, new Float64Array(5), { maxSteps: 1 });
  assert.equal(one.steps, 1);
});

Deno.test("chooseStrength() lets weights grow where a small part decides", () => {
  const random = createRandom(3);
  const vectors: Float32Array[] = [], labels: string[] = [];
  for (let i = 0; i < 60; i++) {
    const isFirst = i % 2 === 0;
    const noise = Array.from({ length: 4 }, () => random() - 0.5);
    vectors.push(Float32Array.of(...noise, isFirst ? 0.01 : -0.01));
    labels.push(isFirst ? "a" : "b");
  }
  const given = { vectors, labels };
  const strong = chooseStrength(given, 4);
  assert.ok(strong >= 1000, `${strong}`);
  assert.equal(chooseStrength(given, 4), strong);
  const rightBy = (strength: number) => {
    const head = fitLogisticHead(given, { strength });
    return vectors.filter((v, i) => predictByHead(head, v) === labels[i])
      .length;
  };
  assert.equal(rightBy(strong), 60);
  assert.ok(rightBy(1) < 60);
  const single = { vectors: vectors.slice(0, 3), labels: ["a", "a", "b"] };
  assert.equal(chooseStrength(single), 1);
});

Deno.test("fitLogisticHead() separates what can be separated, and refuses one class", () => {
  const vectors = [[1, 0], [0.9, 0.1], [0, 1], [0.2, 0.9], [-1, 0], [-1, 0.2]]
    .map((row) => Float32Array.from(row));
  const labels = ["x", "x", "y", "y", "z", "z"];
  const head = fitLogisticHead({ vectors, labels }, { strength: 100 });
  vectors.forEach((vector, i) =>
    assert.equal(predictByHead(head, vector), labels[i])
  );
  assert.throws(
    () => fitLogisticHead({ vectors, labels: labels.map(() => "x") }),
    /head for 1 classes/,
  );
});
