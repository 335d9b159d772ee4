import assert from "node:assert/strict";
import { readTestLists } from "../../evaluation/test_lists.ts";

const lists = await readTestLists();
const trained = new Set(lists.trained.map(({ hex }) => hex));

Deno.test("readTestLists() has as many queries as the table says", () => {
  const { newStyle, madeUp, questions } = lists;
  assert.equal(newStyle.queries.length, 400);
  const ranked = newStyle.queries.filter(({ distractors }) => distractors);
  assert.deepEqual(
    new Set(ranked.map((q) => q.distractors!.length)),
    new Set([99]),
  );
  assert.equal(ranked.length, 100);
  assert.deepEqual(
    madeUp.sets.map(({ name, episodes }) => [name, episodes.length]),
    [
      ["4-way google -> twitter", 200],
      ["4-way google -> fluent", 200],
      ["8-way google -> twitter", 200],
      ["8-way google -> fluent", 200],
    ],
  );
  assert.equal(questions.questions.length, 300);
});

Deno.test("new-style queries are trained concepts in a style never trained on", () => {
  const { queries } = lists.newStyle;
  assert(queries.every(({ hex }) => trained.has(hex)));
  assert(queries.every(({ style }) => style === "fluent"));
  for (const { label, shots, distractors = [] } of queries) {
    assert(!shots.some((shot) => shot.label === label), label);
    assert(!distractors.includes(label), label);
  }
});

Deno.test("made-up words name concepts that were never trained on", () => {
  for (const { episodes } of lists.madeUp.sets) {
    for (const { supports, query, words, answer } of episodes) {
      for (const { hex } of [...supports, query]) {
        assert(!trained.has(hex), hex);
      }
      assert.equal(supports[answer]!.hex, query.hex);
      assert.equal(new Set(words).size, supports.length);
    }
  }
});

Deno.test("shuffled lists show every query another picture", () => {
  for (const { shuffled } of [lists.newStyle, lists.questions]) {
    assert(shuffled.every((other, i) => other !== i));
    assert.equal(new Set(shuffled).size, shuffled.length);
  }
});

Deno.test("readTestLists() names the folder that lacks a list", async () => {
  const folder = new URL("file:///nowhere/at/all/");
  await assert.rejects(
    readTestLists(folder),
    /\/nowhere\/at\/all\/\w+\.json/,
  );
});
