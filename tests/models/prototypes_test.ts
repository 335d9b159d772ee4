import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import {
  chooseMix,
  classify,
  flamingoEncoder,
  leaveOneOut,
  type MixCase,
  mixScores,
  Prototypes,
  type Shot,
} from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

const vector = (...values: number[]) => {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
};

Deno.test("Prototypes are unit means of their classes", () => {
  const vectors = [vector(1, 0), vector(0, 1), vector(1, 1), vector(1, -1)];
  const labels = ["a", "b", "a", "b"];
  const prototypes = new Prototypes(["b", "a"], { vectors, labels });
  const angle = Math.PI / 8; // a lies between 0° and 45°, b between 90° and −45°
  const [b, a] = prototypes.cosines(vector(1, 0));
  assert.ok(Math.abs(a! - Math.cos(angle)) < 1e-6);
  assert.ok(Math.abs(b! - Math.cos(angle)) < 1e-6);
  const alone = prototypes.cosines(vector(1, 0), 0);
  assert.ok(Math.abs(alone[1]! - Math.SQRT1_2) < 1e-6);
  assert.equal(alone[0], b);
  const single = new Prototypes(["a"], {
    vectors: vectors.slice(0, 1),
    labels: ["a"],
  });
  assert.ok(Number.isNaN(single.cosines(vector(1, 0), 0)[0]));
  assert.throws(
    () => new Prototypes(["a", "c"], { vectors, labels }),
    /prototype of "c" as it has no picture/,
  );
});

Deno.test("mixScores() goes from likelihoods to cosines", () => {
  const one = { likelihoods: [-1, -2], cosines: [0.1, 0.3] };
  const difference = (weight: number) => {
    const [a, b] = mixScores(one, { weight, scale: 10 }) as [number, number];
    return a - b;
  };
  assert.ok(Math.abs(difference(0) - 1) < 1e-12);
  assert.ok(Math.abs(difference(1) + 2) < 1e-12);
  assert.ok(Math.abs(difference(0.5) + 0.5) < 1e-12);
});

Deno.test("chooseMix() finds which opinion is right", () => {
  const of = (prompt: number, cosine: number, answer: number): MixCase => ({
    likelihoods: [0, 1].map((i) => i === prompt ? -1 : -3),
    cosines: [0, 1].map((i) => i === cosine ? 0.9 : 0.2),
    answer,
  });
  const trusted = chooseMix([of(0, 0, 0), of(1, 0, 0), of(0, 1, 1)]);
  assert.ok(trusted.weight > 0);
  assert.deepEqual(trusted.accuracy, {
    prompt: 1 / 3,
    prototypes: 1,
    both: 1,
  });
  const useless = chooseMix([of(0, 1, 0), of(1, 0, 1)]);
  assert.equal(useless.weight, 0);
  assert.equal(useless.accuracy.prompt, 1);
  assert.throws(() => chooseMix([]), /without a case/);
});

Deno.test("leaveOneOut() scores each shot by the others", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const shots: Shot[] = ["ab", "cd", "ab", "cd", "e"].map((text, i) => ({
    image: tinyPicture(i),
    text,
  }));
  const labels = ["cd", "ab", "e"];
  const images = shots.map(({ image }) => image);
  const vectors = await flamingoEncoder(model).embed(images);
  const cases = await leaveOneOut(model, labels, { shots, vectors });
  // The only one of its class cannot be a case.
  assert.deepEqual(cases.map(({ answer }) => answer).sort(), [0, 0, 1, 1]);
  const given = shots.map((shot) => "text" in shot ? shot.text : "");
  const expected: MixCase[] = [];
  for (const place of [0, 1, 2, 3]) {
    const others = shots.filter((_, i) => i !== place);
    const { scores } = await classify(model, shots[place]!, labels, {
      shots: others,
    });
    const rest = new Prototypes(labels, {
      vectors: vectors.filter((_, i) => i !== place),
      labels: given.filter((_, i) => i !== place),
    });
    expected.push({
      likelihoods: labels.map((label) => scores[label]!),
      cosines: rest.cosines(vectors[place]!),
      answer: labels.indexOf(given[place]!),
    });
  }
  const isNear = (a: readonly number[], b: readonly number[]) =>
    a.every((value, i) => Math.abs(value - b[i]!) < 1e-3);
  for (const { likelihoods, cosines, answer } of cases) {
    const twins = expected.filter((other) =>
      other.answer === answer && isNear(other.likelihoods, likelihoods) &&
      isNear(other.cosines, cosines)
    );
    assert.equal(twins.length, 1);
  }
  const asked: number[] = [];
  await leaveOneOut(model, labels, {
    shots,
    vectors,
    shotsFor(place) {
      asked.push(place);
      return Promise.resolve([]);
    },
  });
  assert.deepEqual(asked.sort(), [0, 1, 2, 3]);
  const two = await leaveOneOut(model, labels, { shots, vectors, most: 2 });
  assert.equal(two.length, 2);
});
