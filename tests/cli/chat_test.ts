import assert from "node:assert/strict";
import { Conversation, createDevice } from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("Conversation goes on from what was said, without running it again", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const talk = new Conversation(model);
  await talk.show({ image: tinyPicture(1) });
  const settings = { maxTokens: 20 };
  const first = await talk.say("what is to be seen in it?", settings);
  const heard: string[] = [];
  const asked = [...talk.items, { text: "and now?" }];
  const second = await talk.say("and now?", {
    ...settings,
    onText: (text) => heard.push(text),
  });
  assert.equal(heard.join("").trim(), second.text);
  assert.equal(first.hitTokens, 0);
  assert.ok(second.hitTokens >= 16);
  using fresh = await tinyFlamingo(device, { engine: { prefixCacheBytes: 0 } });
  let wanted = "";
  for await (const { text } of fresh.generate(asked, settings)) wanted += text;
  assert.equal(second.text, wanted.trim());
  talk.reset();
  assert.deepEqual(talk.items, []);
});

Deno.test("chat takes words and commands, or JSON lines", async () => {
  await using tiny = await tinyFolder();
  const lines = tiny.path("lines.txt");
  await Deno.writeTextFile(
    lines,
    `/image ${tiny.path("0.png")}\nwhat\n\n/reset\nwho\n/quit\nnever\n`,
  );
  const words = ["--max-tokens", "4", ...tiny.model];
  const said = await rookery("chat", "--lines", lines, ...words);
  assert.equal(said.code, 0, said.notes);
  assert.equal(said.out.split("\n").length, 3);
  const turns = [
    { text: "what", image: tiny.path("0.png") },
    { image: tiny.path("gone.png") },
    { text: "and" },
    { text: 3 },
  ];
  await Deno.writeTextFile(
    lines,
    turns.map((turn) => JSON.stringify(turn)).join("\n"),
  );
  const json = await rookery("chat", "--lines", lines, "--json", ...words);
  assert.equal(json.code, 1);
  const replies = json.out.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.equal(typeof replies[0].text, "string");
  assert.match(replies[1].error, /gone\.png/);
  assert.equal(typeof replies[2].tokens, "number");
  assert.match(replies[3].error, /lines\.txt:4 as "text" is 3/);
  await Deno.writeTextFile(lines, "/imag x\n");
  const wrong = await rookery("chat", "--lines", lines, ...words);
  assert.equal(wrong.code, 1);
  assert.match(wrong.notes, /"\/imag x" as it is no command/);
});
