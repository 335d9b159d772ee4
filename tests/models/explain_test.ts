import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { explain } from "../../models/seeing/explain.ts";
import { groundTokens, tokenScores } from "../../models/seeing/grounding.ts";
import { wordsOf } from "../../models/seeing/words.ts";
import { blankPicture } from "../../models/tasks/classify.ts";
import { largestDifference } from "./compare.ts";
import {
  tinyFlamingo,
  tinyLanguageModel,
  tinyPicture,
} from "../support/tiny_model.ts";

const SHOTS = [
  { image: tinyPicture(1) },
  { text: "cab" },
  { endOfChunk: true as const },
  { image: tinyPicture(2) },
];

Deno.test("explain() gives chances, runners-up, gates and regions of words", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const { text, words, gates } = await explain(model, SHOTS, "bad ace", {
    runnersUp: 3,
  });
  assert.equal(text, "bad ace");
  assert.deepEqual(words.map(({ text }) => text), ["bad", "ace"]);
  const { blocks } = model.engine.stack.eyes!.crossAttention;
  assert.deepEqual(gates.map(({ layer }) => layer), blocks.map((b) => b.layer));
  for (const { attention, dense } of gates) {
    assert.ok(attention > 0 && attention < 1 && dense > 0 && dense < 1);
  }
  const [scored] = await model.score(SHOTS, ["bad ace"]);
  const tokens = words.flatMap(({ tokens }) => tokens);
  assert.equal(tokens.length, scored!.tokens - 1);
  const ids = model.tokenizer.encode("bad ace");
  const scores = await tokenScores(model, SHOTS, ids);
  const own = tokens.map(({ logprob }) => logprob);
  assert.ok(largestDifference(own, scores) <= 1e-4);
  for (const { runnersUp, regions, chance, tokens, isSupported } of words) {
    assert.equal(runnersUp.length, 3);
    const sum = tokens.reduce((total, { logprob }) => total + logprob, 0);
    assert.ok(Math.abs(Math.log(chance) - sum) < 1e-9);
    // The paper's rule: only the latest picture is read.
    assert.deepEqual(regions.map(({ picture }) => picture), [2]);
    const [{ share, maps, elsewhere }] = regions as [typeof regions[number]];
    assert.ok(Math.abs(share - 1) < 1e-9);
    const whole = maps[0]!.reduce((total, cell) => total + cell, elsewhere);
    assert.ok(Math.abs(whole - 1) < 1e-9);
    assert.equal(typeof isSupported, "boolean");
  }
});

Deno.test("explain() of a long text equals that of its tokens one by one", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const said = "bad ace cab dad ".repeat(3).trim();
  const options = { isGrounded: false };
  const { words } = await explain(model, SHOTS, said, options);
  const whole = words.flatMap(({ tokens }) => tokens);
  assert.ok(whole.length > 32);
  const ids = model.tokenizer.encode(said);
  for (const place of [0, 31, 32, whole.length - 1]) {
    const items = [...SHOTS, {
      text: model.tokenizer.decode(ids.slice(0, place)),
    }]
      .slice(0, place === 0 ? SHOTS.length : undefined);
    const one = await explain(model, items, [ids[place]!], options);
    const [token] = one.words[0]!.tokens;
    assert.ok(Math.abs(token!.logprob - whole[place]!.logprob) <= 1e-3);
    const [map] = token!.regions[0]!.maps,
      [own] = whole[place]!.regions[0]!.maps;
    assert.ok(largestDifference(map!, own!) <= 1e-4);
  }
});

Deno.test("closed gates score as the language model alone does", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  using alone = await tinyLanguageModel(device);
  const items = [{ text: "cab" }];
  const ids = model.tokenizer.encode("bad");
  const closed = await tokenScores(model, items, ids, { isClosed: true });
  const start = model.marks!.start!;
  const sequence = alone.engine.open();
  const tokens = [start, ...model.tokenizer.encode("cab"), ...ids.slice(0, -1)];
  const chunk = { tokens, media: tokens.map(() => 0) };
  const targets = [...tokens.slice(1), ids.at(-1)!];
  const [scores] = await alone.engine.score([{ sequence, chunk, targets }]);
  assert.deepEqual(closed, scores!.slice(-ids.length));
  // Open gates do something even without a picture: their feed-forward layers.
  const opened = await tokenScores(model, items, ids);
  assert.ok(largestDifference(opened, closed) > 1e-3);
});

Deno.test("a blank picture has no grounding over a blank picture", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const items = [{ image: blankPicture() }];
  const ids = model.tokenizer.encode("bad");
  const scores = await tokenScores(model, items, ids);
  const grounding = await groundTokens(model, items, ids, scores);
  const closed = await tokenScores(model, items, ids, { isClosed: true });
  grounding.forEach(({ overBlank, overClosed }, i) => {
    assert.equal(overBlank, 0);
    assert.equal(overClosed, scores[i]! - closed[i]!);
  });
});

Deno.test("explain() leaves generation as it was", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const write = async () => {
    let text = "";
    const pieces = model.generate(SHOTS, { maxTokens: 8 });
    for await (const piece of pieces) text += piece.text;
    return text;
  };
  const before = await write();
  await explain(model, SHOTS, "bad");
  assert.equal(await write(), before);
});

Deno.test("explain() of a language model tells chances alone", async () => {
  using device = await createDevice();
  using model = await tinyLanguageModel(device);
  const { words, gates } = await explain(model, [{ text: "cab" }], " bad");
  assert.deepEqual(gates, []);
  assert.deepEqual(words[0]!.regions, []);
  assert.equal(words[0]!.isSupported, undefined);
  await assert.rejects(explain(model, [{ text: "cab" }], ""), /without tokens/);
});

Deno.test("wordsOf() begins words at white space, and sets marks apart", () => {
  assert.deepEqual(wordsOf([" a", " re", "d", " fox", "."]), [[0], [1, 2], [
    3,
    4,
  ]]);
  assert.deepEqual(wordsOf(["a ", "b", " ", "c", "\n"]), [[0], [1], [2, 3], [
    4,
  ]]);
  assert.deepEqual(wordsOf([" caf", "", "é", "", ""]), [[0, 1, 2], [3], [4]]);
  assert.deepEqual(wordsOf([""]), [[0]]);
});
