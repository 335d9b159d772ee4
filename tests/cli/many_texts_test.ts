import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("--beams and --samples write several texts", async () => {
  await using tiny = await tinyFolder();
  const picture = [tiny.path("0.png"), "--max-tokens", "5"];
  const commands = [
    ["caption", ...picture],
    ["answer", ...picture, "--question", "a"],
    ["generate", "--text", "abc", "--max-tokens", "5"],
  ] as const;
  for (const [command, ...words] of commands) {
    const run = async (...more: string[]) => {
      const ran = await rookery(command, ...words, ...more, ...tiny.model);
      assert.equal(ran.code, 0, ran.notes);
      return ran.out;
    };
    const beams = ["--beams", "3", "--n-best", "2", "--length-penalty", "0"];
    const json = JSON.parse(await run(...beams, "--json"));
    assert.equal(json.texts.length, 2);
    assert.equal(json.text, json.texts[0].text);
    assert.ok(json.texts[0].score >= json.texts[1].score);
    assert.equal(json.texts[0].score, json.texts[0].logLikelihood);
    const lines = (await run(...beams)).trimEnd().split("\n");
    assert.equal(lines[0]!.trim(), json.text.trim());
    const samples = ["--samples", "3", "--temperature", "1.2", "--seed", "4"];
    const drawn = JSON.parse(await run(...samples, "--json"));
    assert.equal(drawn.texts.length, 3);
    const alone = await run("--temperature", "1.2", "--seed", "5", "--json");
    const [last] = alone.trimEnd().split("\n").slice(-1);
    assert.equal(drawn.texts[1].text, JSON.parse(last!).text.trim());
  }
});

Deno.test("--beams and --samples refuse what does not go with them", async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["--beams", "2", "--samples", "2"], /choose one/],
    [["--n-best", "2"], /--n-best without --beams/],
    [["--length-penalty", "2"], /--length-penalty without --beams/],
    [["--beams", "2", "--top-logprobs", "2", "--json"], /several texts/],
  ];
  for (const [words, message] of cases) {
    const ran = await rookery("generate", "--text", "a", ...words);
    assert.equal(ran.code, 2, ran.notes);
    assert.match(ran.notes, message);
  }
  await using tiny = await tinyFolder();
  for (
    const [words, message] of [
      [["--beams", "9"], /9 beams: it must be 1 to 8/],
      [["--beams", "2", "--n-best", "3"], /3 texts of 2 beams/],
      [["--beams", "2", "--temperature", "1"], /temperature 1/],
      [["--samples", "0"], /0 samples/],
    ] as const
  ) {
    const text = ["--text", "a", ...words];
    const ran = await rookery("generate", ...text, ...tiny.model);
    assert.equal(ran.code, 2, ran.notes);
    assert.match(ran.notes, message);
  }
});
