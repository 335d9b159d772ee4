import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("--save-prefix and --prefix give what --shots gives", async () => {
  await using folder = await tinyFolder();
  const words = [...folder.model, "--device", "cpu", "--json"];
  const shots = folder.path("shots.jsonl");
  const lines = [0, 1].map((i) => ({ image: `${i}.png`, text: `thing ${i}` }));
  await Deno.writeTextFile(
    shots,
    lines.map((line) => JSON.stringify(line)).join("\n"),
  );
  const file = folder.path("prefix.safetensors");
  const query = folder.path("2.png");
  const run = async (...args: string[]) => {
    const { code, out, notes } = await rookery(...args, ...words);
    assert.equal(code, 0, notes);
    return JSON.parse(out.trimEnd().split("\n").at(-1)!);
  };
  const caption = ["caption", query, "--max-tokens", "5"];
  const wanted = await run(...caption, "--shots", shots);
  const saved = await run(...caption, "--shots", shots, "--save-prefix", file);
  const opened = await run(...caption, "--prefix", file);
  assert.equal(saved.text, wanted.text);
  assert.equal(opened.text, wanted.text);
  assert.equal(opened.caches.media.misses, 1);
  const labels = ["classify", query, "--labels", "fox,owl"];
  const ranked = await run(...labels, "--shots", shots);
  assert.equal((await run(...labels, "--prefix", file)).label, ranked.label);
  const question = ["answer", query, "--question", "What?", "--prefix", file];
  assert.equal(typeof (await run(...question)).text, "string");

  // `generate` saves its whole prompt, and goes on from it.
  const begin = ["generate", "--text", "abc", "--max-tokens", "3"];
  const other = folder.path("text.safetensors");
  const text = await run(...begin, "--save-prefix", other);
  assert.equal(text.text, (await run(...begin)).text);
  const more = ["generate", "--text", "d", "--max-tokens", "3"];
  const whole = ["generate", "--text", "abcd", "--max-tokens", "3"];
  const after = await run(...more, "--prefix", other);
  assert.equal(after.text, (await run(...whole)).text);
});

Deno.test("options of prefixes that contradict each other are refused", async () => {
  for (
    const [args, pattern] of [
      [["--save-prefix", "a"], /nothing to save: name examples/],
      [["--save-prefix", "a", "--prefix", "b"], /both --prefix and/],
      [["--prefix", "b", "--shots", "examples/shots.jsonl"], /and --shots are/],
    ] as const
  ) {
    const { code, notes } = await rookery("caption", "x.png", ...args);
    assert.equal(code, 2);
    assert.match(notes, pattern);
  }
  const missing = ["--prefix", "no/such.safetensors"];
  await using folder = await tinyFolder();
  const words = [...folder.model, "--device", "cpu"];
  const query = folder.path("2.png");
  const { code, notes } = await rookery("caption", query, ...missing, ...words);
  assert.equal(code, 1);
  assert.match(notes, /no\/such\.safetensors/);
});
