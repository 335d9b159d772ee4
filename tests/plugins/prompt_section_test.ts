import assert from "node:assert/strict";
import { join } from "node:path";
import { PROMPT_STYLES, readPromptStyle, taskStyle } from "../../mod.ts";
import { styleOf } from "../../plugins/prompt_section.ts";

const NONE = {
  style: undefined,
  caption: undefined,
  answer: undefined,
  classify: undefined,
  memes: undefined,
  actions: undefined,
  stop: undefined,
};

Deno.test("styleOf() is the named style with the section's own templates", () => {
  assert.equal(styleOf(NONE), PROMPT_STYLES["plain"]);
  assert.equal(styleOf({ ...NONE, style: "paper" }), PROMPT_STYLES["paper"]);
  const own = styleOf({
    ...NONE,
    style: "open_flamingo",
    caption: "See: {text}",
  });
  assert.deepEqual(own.caption, {
    template: "See: {text}",
    separator: "\n",
    beams: 3,
    lengthPenalty: 0,
    maxTokens: 20,
  });
  assert.equal(taskStyle(own, "classify").template, "See: {text}");
  assert.equal(own.answer, PROMPT_STYLES["open_flamingo"]!.answer);
  assert.throws(
    () => styleOf({ ...NONE, answer: "Answer:" }),
    /template "Answer:" of answer/,
  );
});

Deno.test("readPromptStyle() takes names and files, and tells what is wrong", async () => {
  assert.equal(await readPromptStyle("rookery"), PROMPT_STYLES["rookery"]);
  await assert.rejects(readPromptStyle("papr"), {
    code: "usage",
    message: /no.*"papr"|"papr".*did you mean "paper"/,
  });
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "style.json");
    await Deno.writeTextFile(path, '{"style":"paper","classify":"A {label}"}');
    const style = await readPromptStyle(path);
    assert.equal(style.name, path);
    assert.deepEqual(style.classify, { template: "A {label}" });
    assert.deepEqual(style.caption, PROMPT_STYLES["paper"]!.caption);
    await Deno.writeTextFile(path, '{"captoin":"{text}"}');
    await assert.rejects(readPromptStyle(path), /captoin/);
    await Deno.writeTextFile(path, "{");
    await assert.rejects(readPromptStyle(path), { code: "config" });
    await assert.rejects(readPromptStyle(join(folder, "no.json")), /no\.json/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
