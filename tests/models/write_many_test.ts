import assert from "node:assert/strict";
import { createDevice, writeBeams, writeSamples } from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

const ITEMS = [
  { image: tinyPicture(1) },
  { text: "some words of a prompt that takes more than a page" },
];

Deno.test("writeSamples() gives the texts that their seeds give alone", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const settings = {
    maxTokens: 10,
    temperature: 1.1,
    seed: 7,
    stopStrings: ["x"],
  };
  const texts = await writeSamples(model, ITEMS, settings, { count: 5 });
  assert.equal(texts.length, 5);
  assert.ok(new Set(texts.map(({ text }) => text)).size > 1);
  for (const [i, { text, tokens }] of texts.entries()) {
    let alone = "", drawn = 0;
    const own = { ...settings, seed: 7 + i };
    for await (const piece of model.generate(ITEMS, own)) {
      alone += piece.text;
      drawn += piece.tokens;
    }
    assert.equal(text, alone);
    assert.equal(tokens, drawn);
  }
  for (const count of [0, 65, 1.5]) {
    await assert.rejects(writeSamples(model, ITEMS, {}, { count }), /1 to 64/);
  }
});

Deno.test("writeBeams() writes the best texts, the best first", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const settings = { maxTokens: 6 };
  const texts = await writeBeams(model, ITEMS, settings, {
    beams: 4,
    returned: 3,
  });
  assert.equal(texts.length, 3);
  const scores = texts.map(({ score }) => score);
  assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
  for (const { tokens, score, logLikelihood } of texts) {
    assert.ok(Math.abs(score - logLikelihood / tokens) < 1e-9);
  }
  const [one] = await writeBeams(model, ITEMS, settings, { beams: 1 });
  let greedy = "";
  for await (const { text } of model.generate(ITEMS, settings)) greedy += text;
  assert.equal(one!.text, greedy);
  const whole = texts[0]!.text, stop = whole.at(-1)!;
  const cut = { ...settings, stopStrings: [stop] };
  const [short] = await writeBeams(model, ITEMS, cut, { beams: 4 });
  assert.equal(short!.text, whole.slice(0, whole.indexOf(stop)));
  await assert.rejects(
    writeBeams(model, ITEMS, { temperature: 1 }, { beams: 2 }),
    { code: "usage" },
  );
});
