import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import {
  classify,
  classifyOrders,
  describe,
  describeOrders,
  ensembleOf,
  measurePromptRates,
  orderReport,
  promptCost,
  type Shot,
} from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

const SHOTS: readonly Shot[] = ["ab", "cd", "ab"].map((text, i) => ({
  image: tinyPicture(i),
  text,
}));
const LABELS = ["ab", "cd", "e"];
const QUERY = { image: tinyPicture(9) };

Deno.test("ensembleOf() is the mean of what every order gives", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const runs = await classifyOrders(model, QUERY, LABELS, {
    shots: SHOTS,
    permutations: 4,
    orderSeed: 3,
  });
  assert.equal(new Set(runs.map(({ order }) => order.join())).size, 4);
  const sums = new Map(LABELS.map((label) => [label, 0]));
  const labels: string[] = [];
  for (const { order } of runs) {
    const shots = order.map((place) => SHOTS[place]!);
    const { label, scores } = await classify(model, QUERY, LABELS, { shots });
    labels.push(label);
    for (const [name, score] of Object.entries(scores)) {
      sums.set(name, sums.get(name)! + score);
    }
  }
  const { label, scores } = ensembleOf(runs);
  const best = Math.max(...sums.values());
  assert.equal(sums.get(label), best);
  for (const [name, sum] of sums) {
    assert.ok(Math.abs(scores[name]! - sum / 4) < 1e-3, name);
  }
  assert.deepEqual(runs.map(({ text }) => text), labels);
  const all = await classifyOrders(model, QUERY, LABELS, {
    shots: SHOTS.slice(0, 2),
  });
  assert.equal(all.length, 2);
});

Deno.test("describeOrders() writes after every order", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const runs = await describeOrders(model, QUERY, {
    shots: SHOTS,
    permutations: 3,
    maxTokens: 4,
  });
  assert.equal(runs.length, 3);
  for (const { order, text, scores } of runs) {
    const shots = order.map((place) => SHOTS[place]!);
    const own = await describe(model, QUERY, { shots, maxTokens: 4 });
    assert.equal(text, own.text);
    assert.ok(Math.abs(scores["logLikelihood"]! - own.logLikelihood) < 1e-3);
  }
});

Deno.test("orderReport() counts answers and measures spread", () => {
  const runs = [
    { order: [0, 1], text: "a", scores: { a: -1, b: -4 } },
    { order: [1, 0], text: "b", scores: { a: -3, b: -2 } },
    { order: [2, 0], text: "a", scores: { a: -2, b: -3 } },
  ];
  const report = orderReport(runs);
  assert.equal(report.orders, 3);
  assert.deepEqual(report.answers, [
    { text: "a", count: 2 },
    { text: "b", count: 1 },
  ]);
  assert.equal(report.agreement, 2 / 3);
  const { mean, deviation, low, high } = report.spread["a"]!;
  assert.deepEqual([mean, low, high], [-2, -3, -1]);
  assert.ok(Math.abs(deviation - Math.sqrt(2 / 3)) < 1e-12);
  assert.deepEqual(ensembleOf(runs), { label: "a", scores: { a: -2, b: -3 } });
});

Deno.test("promptCost() foretells what a prefix takes", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const cost = promptCost(model, SHOTS);
  using prefix = await model.prefix(
    SHOTS.flatMap((shot) => [
      { image: shot.image },
      { text: "text" in shot ? shot.text : "" },
      { endOfChunk: true as const },
    ]),
  );
  assert.equal(cost.tokens, prefix.sequence.past.length);
  assert.equal(cost.pages, prefix.sequence.pages.length);
  assert.equal(cost.pictures, 3);
  assert.equal(cost.ms, undefined);
  const { pages, media } = model.engine.memory();
  const expected = cost.pages * 16 * pages.bytes / pages.size +
    media.bytes / media.size;
  assert.ok(Math.abs(cost.bytes - expected) < 1);
  const rates = { msPerPicture: 10, msPerToken: 2 };
  assert.equal(promptCost(model, SHOTS, rates).ms, 30 + 2 * cost.tokens);
  const measured = await measurePromptRates(model);
  assert.ok(measured.msPerPicture > 0 && measured.msPerToken > 0);
});
