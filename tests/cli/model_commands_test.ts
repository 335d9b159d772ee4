import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

const MS = ["image", "prefill", "decode"];

Deno.test("caption --json writes an object a picture", async () => {
  await using tiny = await tinyFolder();
  const images = [tiny.path("0.png"), tiny.path("1.png")];
  const words = ["--max-tokens", "5", "--json", ...tiny.model];
  const { code, out, notes } = await rookery("caption", ...images, ...words);
  assert.equal(code, 0, notes);
  const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ image }) => image), images);
  for (const { text, tokens, logLikelihood, ms } of lines) {
    assert.equal(typeof text, "string");
    assert(tokens >= 1 && tokens <= 5);
    assert(logLikelihood < 0);
    assert.deepEqual(Object.keys(ms), MS);
  }
});

Deno.test("caption goes on after a bad picture and fails in the end", async () => {
  await using tiny = await tinyFolder();
  const good = tiny.path("0.png");
  await Deno.writeTextFile(tiny.path("bad.png"), "no picture");
  const { code, out, notes } = await rookery(
    "caption",
    tiny.path("bad.png"),
    good,
    tiny.path("gone.png"),
    good,
    ...["--max-tokens", "3"],
    ...tiny.model,
  );
  assert.equal(code, 1);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert(lines[0]!.startsWith(`${good}\t`));
  assert.equal(lines[0], lines[1]);
  assert.match(notes, /bad\.png/);
  assert.match(notes, /gone\.png/);
  assert.match(notes, /2 of 4 pictures failed/);
});

Deno.test("caption uses shots, and the sampler's options", async () => {
  await using tiny = await tinyFolder();
  const shots = tiny.path("shots.jsonl");
  await Deno.writeTextFile(shots, '{"image":"1.png","text":"abc"}\n');
  const caption = async (...words: string[]) => {
    const all = [tiny.path("0.png"), "--max-tokens", "6", ...words];
    const ran = await rookery("caption", ...all, ...tiny.model);
    assert.equal(ran.code, 0, ran.notes);
    return ran.out;
  };
  const plain = await caption();
  assert.notEqual(await caption("--shots", shots), plain);
  const drawn = await caption("--temperature", "3", "--seed", "5");
  assert.notEqual(drawn, plain);
  assert.equal(await caption("--temperature", "3", "--seed", "5"), drawn);
  const banned = plain.trim()[0]!;
  assert(!(await caption("--ban", banned)).includes(banned));
});

Deno.test("caption refuses settings out of range and texts it cannot ban", async () => {
  await using tiny = await tinyFolder();
  const run = (...words: string[]) =>
    rookery("caption", tiny.path("0.png"), ...words, ...tiny.model);
  const range = await run("--top-p", "2");
  assert.equal(range.code, 2);
  assert.match(range.notes, /--top-p 2: it must be over 0 and at most 1/);
  const ban = await run("--ban", "abc");
  assert.equal(ban.code, 2);
  assert.match(ban.notes, /"abc".*3 tokens.*"a", "b", "c"/);
});

Deno.test("answer --json names the question", async () => {
  await using tiny = await tinyFolder();
  const image = tiny.path("0.png");
  const { code, out, notes } = await rookery(
    ...["answer", image, "--question", "is it?", "--max-tokens", "4"],
    ...["--json", ...tiny.model],
  );
  assert.equal(code, 0, notes);
  const { question, text, ms, ...rest } = JSON.parse(out);
  assert.equal(question, "is it?");
  assert.equal(typeof text, "string");
  assert.deepEqual(Object.keys(ms), MS);
  assert.deepEqual(Object.keys(rest), [
    "image",
    "tokens",
    "logLikelihood",
    "caches",
  ]);
});

Deno.test("classify ranks labels", async () => {
  await using tiny = await tinyFolder();
  const image = tiny.path("0.png");
  const labels = tiny.path("labels.txt");
  await Deno.writeTextFile(labels, "a\nbcd\nef\n");
  const words = [image, "--labels-file", labels, ...tiny.model];
  const { out, notes } = await rookery("classify", ...words, "--json");
  const { label, scores } = JSON.parse(out);
  assert.deepEqual(Object.keys(scores), ["a", "bcd", "ef"], notes);
  const best = Math.max(...Object.values(scores) as number[]);
  assert.equal(scores[label], best);
  const table = (await rookery("classify", ...words)).out.split("\n");
  assert.equal(table[0], image);
  assert.match(table[1]!, new RegExp(`1 +${label} +${best.toFixed(3)}`));
  assert.equal(table.length, 5);
});

Deno.test("classify wants labels from one place", async () => {
  for (const words of [[], ["--labels", "a,b", "--labels-file", "x"]]) {
    const { code, notes } = await rookery("classify", "x.png", ...words);
    assert.equal(code, 2);
    assert.match(notes, /--labels A,B,C or --labels-file/);
  }
  const twice = ["classify", "x.png", "--labels", "a,a"];
  await using tiny = await tinyFolder();
  const { code, notes } = await rookery(...twice, ...tiny.model);
  assert.equal(code, 1);
  assert.match(notes, /"a" is given twice/);
});

Deno.test("generate streams, and --json adds a last line", async () => {
  await using tiny = await tinyFolder();
  const prompt = tiny.path("prompt.json");
  await Deno.writeTextFile(
    prompt,
    '[{"image":"0.png"},{"text":"ab"},{"endOfChunk":true},{"image":"1.png"}]',
  );
  const words = ["--max-tokens", "8", "--prompt", prompt, ...tiny.model];
  const plain = await rookery("generate", ...words);
  assert.equal(plain.code, 0, plain.notes);
  const { out } = await rookery("generate", ...words, "--json");
  const [last] = out.trimEnd().split("\n").slice(-1) as [string];
  const { text, tokens, ms } = JSON.parse(last);
  assert.equal(`${text}\n`, plain.out);
  assert.equal(out, `${plain.out}${last}\n`);
  assert(tokens >= 1 && tokens <= 8);
  assert.deepEqual(Object.keys(ms), ["prefill", "decode"]);
});

Deno.test("generate puts shots before the prompt as caption does", async () => {
  await using tiny = await tinyFolder();
  const shots = tiny.path("shots.jsonl");
  const prompt = tiny.path("prompt.json");
  await Deno.writeTextFile(shots, '{"image":"1.png","text":"abc"}\n');
  await Deno.writeTextFile(prompt, '[{"image":"0.png"}]');
  const words = ["--shots", shots, "--max-tokens", "6", ...tiny.model];
  const caption = await rookery("caption", tiny.path("0.png"), ...words);
  const text = await rookery("generate", "--prompt", prompt, ...words);
  assert.equal(text.code, 0, text.notes);
  assert.equal(text.out.trim(), caption.out.trim());
});

Deno.test("generate wants one prompt", async () => {
  for (const words of [[], ["--text", "a", "--prompt", "p.json"]]) {
    const { code, notes } = await rookery("generate", ...words);
    assert.equal(code, 2);
    assert.match(notes, /--prompt FILE, --text TEXT or --prompts FILE/);
  }
});

Deno.test("a language model without vision is refused pictures", async () => {
  const llama =
    new URL("../golden/models/llama_tied", import.meta.url).pathname;
  const caption = await rookery("caption", "x.png", "--model", llama);
  assert.equal(caption.code, 2);
  assert.match(caption.notes, /without vision/);
});

Deno.test("a model or plugin that is not there is named", async () => {
  const model = await rookery(
    "generate",
    "--text",
    "a",
    "--model",
    "rookery-smal",
  );
  assert.equal(model.code, 1);
  assert.match(model.notes, /"rookery-smal".*"rookery-small"/);
  const plugin = ["--text", "a", "--plugin", "no_plugin.ts"];
  const { code, notes } = await rookery("generate", ...plugin);
  assert.equal(code, 2);
  assert.match(notes, /no_plugin\.ts/);
  const own = new URL("recorded_output.ts", import.meta.url).pathname;
  const wrong = await rookery("generate", "--text", "a", "--plugin", own);
  assert.match(wrong.notes, /default export is no plugin/);
});
