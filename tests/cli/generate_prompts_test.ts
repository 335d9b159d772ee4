import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("generate --prompts runs all lines side by side; bad ones are told by their line", async () => {
  await using tiny = await tinyFolder();
  const file = tiny.path("prompts.jsonl");
  const picture = [{ image: "0.png" }, { text: "ab" }];
  await Deno.writeTextFile(
    file,
    [
      JSON.stringify({ id: "one", text: "abc", maxTokens: 4 }),
      JSON.stringify({ prompt: picture, temperature: 0.8, seed: 3 }),
      "",
      '{"text": "broken"',
      JSON.stringify({ text: "a", tempature: 1 }),
      JSON.stringify({ text: "a", topP: 7 }),
      JSON.stringify({ prompt: [{ image: "none.png" }] }),
      JSON.stringify({ text: "a", stopStrings: "a" }),
    ].join("\n"),
  );
  const words = ["--max-tokens", "6", ...tiny.model];
  const all = await rookery("generate", "--prompts", file, ...words);
  assert.equal(all.code, 1);
  const found = new Map(
    all.out.trimEnd().split("\n").map((line) => {
      const value = JSON.parse(line);
      return [value.id, value];
    }),
  );
  assert.deepEqual([...found.keys()].sort(), [2, 4, 5, 6, 7, 8, "one"]);
  const one = await rookery(
    "generate",
    ...["--text", "abc", "--max-tokens", "4", ...tiny.model],
  );
  assert.equal(`${found.get("one").text}\n`, one.out);
  await Deno.writeTextFile(tiny.path("p.json"), JSON.stringify(picture));
  const two = await rookery(
    "generate",
    ...["--prompt", tiny.path("p.json"), "--temperature", "0.8"],
    ...["--seed", "3", ...words],
  );
  assert.equal(`${found.get(2).text}\n`, two.out);
  const notes: readonly [number, RegExp][] = [
    [4, /jsonl:4.*JSON is not valid/],
    [5, /jsonl:5.*did you mean "?temperature/],
    [6, /topP 7/],
    [7, /none\.png/],
    [8, /stopStrings/],
  ];
  for (const [line, message] of notes) {
    assert.match(found.get(line).error, message);
    assert.match(all.notes, message);
  }
  assert.match(all.notes, /5 of 7 prompts failed/);
});

Deno.test("generate takes one prompt or a file of them", async () => {
  const both = await rookery("generate", "--text", "a", "--prompts", "b");
  assert.equal(both.code, 2);
  assert.match(both.notes, /from 2 prompts/);
  const none = await rookery("generate", "--prompts", "none.jsonl");
  assert.equal(none.code, 1);
  assert.match(none.notes, /none\.jsonl.*there is no such file/);
});

Deno.test("--memory-plan tells what memory goes where", async () => {
  await using tiny = await tinyFolder();
  const words = ["--text", "abc", "--max-tokens", "2", "--memory-plan"];
  const ran = await rookery("generate", ...words, ...tiny.model);
  assert.equal(ran.code, 0, ran.notes);
  for (const when of ["at first", "at the end"]) {
    const [, own] = ran.notes.split(`memory ${when}`);
    assert.match(own!, /weights +[\d.]+ KiB\n/);
    assert.match(own!, /pages +[\d.]+ KiB +512 tokens, \d+ free, \d+ kept\n/);
    assert.match(own!, /media +[\d.]+ KiB +8 pictures, 8 free, 0 kept\n/);
    assert.match(own!, /held +[\d.]+ .iB +/);
  }
});
