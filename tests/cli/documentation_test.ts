import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { optionName } from "../../cli/command.ts";
import { COMMANDS } from "../../cli/main.ts";
import { readPrompt } from "../../cli/prompt_file.ts";
import { readShots } from "../../cli/shots_file.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/commands.md explains every command and option", async () => {
  const url = new URL("docs/commands.md", ROOT);
  const text = await Deno.readTextFile(url);
  const [shared, ...sections] = text.split(/^## (?!Options)/m) as [
    string,
    ...string[],
  ];
  for (const { name, options } of COMMANDS) {
    const own = sections.find((section) => section.startsWith(`${name}\n`));
    assert(own !== undefined, `${name} has no section`);
    for (const key of Object.keys(options)) {
      const option = `--${optionName(key)}`;
      const isKnown = own.includes(option) || shared.includes(option);
      assert(isKnown, `${name} ${option} is not explained`);
    }
  }
  assert.equal(sections.length, COMMANDS.length);
});

Deno.test("the example files can be read", async () => {
  const path = (name: string) =>
    fileURLToPath(new URL(`examples/${name}`, ROOT));
  assert.equal((await readShots(path("shots.jsonl"))).length, 3);
  assert.equal((await readShots(path("questions.jsonl"))).length, 2);
  assert.equal((await readPrompt(path("prompt.json"))).length, 4);
});
