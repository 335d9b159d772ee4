import assert from "node:assert/strict";
import fc from "fast-check";
import { createDevice } from "../../core/create_device.ts";
import {
  classify,
  compareMethods,
  flamingoEncoder,
  type Shot,
  splitByClass,
} from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

Deno.test("splitByClass() asks about half of a class at most, and uses all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 2, maxLength: 5 }),
      fc.nat(20),
      fc.nat(99),
      (counts, most, seed) => {
        const labels = counts.flatMap((count, i) =>
          Array<string>(count).fill(`${i}`)
        );
        const split = splitByClass(labels, { queries: most, seed });
        const { classes, queries, training } = split;
        assert.equal(classes.length, counts.length);
        const all = [...queries, ...training].sort((a, b) => a - b);
        assert.deepEqual(all, [...labels.keys()]);
        const halves = counts.map((count) => Math.floor(count / 2));
        const total = halves.reduce((a, b) => a + b);
        assert.equal(queries.length, Math.min(most, total));
        counts.forEach((_, i) => {
          const own = queries.filter((place) => labels[place] === `${i}`);
          assert.ok(own.length <= halves[i]!);
        });
        const first = training.slice(0, counts.length);
        const found = new Set(first.map((place) => labels[place]));
        assert.equal(found.size, counts.length);
        assert.deepEqual(splitByClass(labels, { queries: most, seed }), split);
      },
    ),
    { numRuns: 50, seed: 4 },
  );
  const split = (...labels: string[]) => () =>
    splitByClass(labels, { queries: 5, seed: 0 });
  assert.throws(split("a", "a"), /there is 1 class/);
  assert.throws(split("a", "a", "b"), /"b" has a single one/);
});

/** Noise of three brightnesses, one a class: heads learn it, noise does not. */
function brightPool(count: number): Shot[] {
  return Array.from({ length: count }, (_, i) => {
    const { width, height, data } = tinyPicture(i);
    const level = i % 3;
    return {
      image: {
        width,
        height,
        data: Uint8Array.from(
          data,
          (v, at) => at % 4 === 3 ? 255 : 85 * level + v / 3,
        ),
      },
      text: "abc"[level]!,
    };
  });
}

Deno.test("compareMethods() gives every method the same labels and queries", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const pool = brightPool(24);
  const images = pool.map(({ image }) => image);
  const vectors = await flamingoEncoder(model).embed(images);
  const told: string[] = [];
  const compared = await compareMethods(model, { pool, vectors }, {
    labelCounts: [6, 100],
    shots: 2,
    queries: 6,
    onProgress: ({ method, done }) => told.push(`${method} ${done}`),
  });
  const { classes, queries, truth, training, rows } = compared;
  assert.deepEqual(classes, ["a", "b", "c"]);
  assert.equal(queries.length, 6);
  assert.equal(training.length, 18);
  assert.deepEqual(
    rows.map(({ method, labels }) => `${method} ${labels}`),
    [6, 18].flatMap((n) =>
      ["most frequent", "prompt", "prototypes", "head"].map((m) => `${m} ${n}`)
    ),
  );
  assert.ok(told.includes("prompt 6"));
  for (const { method, predictions, right, querySeconds, ...row } of rows) {
    assert.equal(predictions.length, 6);
    predictions.forEach((label, i) =>
      assert.equal(right[i], label === truth[i] ? 1 : 0)
    );
    assert.equal(row.queryTokens > 0, method === "prompt");
    assert.ok(querySeconds >= 0 && row.prepareSeconds >= 0);
  }
  const sumOf = (method: string) =>
    rows.filter((row) => row.method === method).at(-1)!.right
      .reduce((sum, each) => sum + each, 0);
  assert.ok(sumOf("head") > sumOf("most frequent"));
  assert.equal(sumOf("most frequent"), 2);
});

Deno.test("compareMethods() prompts with the nearest of its labels, most similar last", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const pool = brightPool(12);
  const images = pool.map(({ image }) => image);
  const vectors = await flamingoEncoder(model).embed(images);
  const { rows, queries, training, classes } = await compareMethods(
    model,
    { pool, vectors },
    { labelCounts: [5], shots: 3, queries: 4 },
  );
  const dot = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const { predictions } = rows.find(({ method }) => method === "prompt")!;
  for (const [i, place] of queries.entries()) {
    const shots = training.slice(0, 5)
      .sort((a, b) =>
        dot(vectors[b]!, vectors[place]!) - dot(vectors[a]!, vectors[place]!)
      )
      .slice(0, 3).reverse().map((each) => pool[each]!);
    const query = { image: pool[place]!.image };
    const { label } = await classify(model, query, classes, { shots });
    assert.equal(predictions[i], label);
  }
  const run = (labelCounts: number[]) =>
    compareMethods(model, { pool, vectors }, { labelCounts });
  await assert.rejects(run([1]), /learn from 1 labels/);
  await assert.rejects(run([]), /no numbers of labels/);
});
