import assert from "node:assert/strict";
import { assertPage } from "../plugins/report/assert_page.ts";
import { makeDatasets } from "../plugins/datasets/made_datasets.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("eval runs datasets, goes on, and repeats from its file", async () => {
  await using tiny = await tinyFolder();
  await makeDatasets(tiny.path("data"));
  const model = [...tiny.model, "--out", tiny.path("out")];
  const run = (name: string, ...more: string[]) =>
    rookery(
      "eval",
      name,
      ...["--data", tiny.path(`data/${name}`), "--limit", "2"],
      ...["--shot-counts", "0,2", "--seeds", "1", ...more, ...model],
    );
  // One of each metric; all formats are read in read_dataset_test.ts.
  for (const name of ["coco", "vqav2", "hateful-memes", "imagenet"]) {
    const { code, out, notes } = await run(name);
    assert.equal(code, 0, `${name}: ${notes}`);
    assert.equal(out.trimEnd().split("\n").length, 3, out);
  }
  const path = tiny.path("out/vqav2.json");
  const before = await Deno.readTextFile(path);
  const report = tiny.path("page.html");
  const again = await run("vqav2", "--report", report);
  assert.equal(await Deno.readTextFile(path), before);
  assert.doesNotMatch(again.notes, /answers/);
  const page = await Deno.readTextFile(report);
  assertPage(page);
  assert.match(page, /accuracy by shots/);
  const repeat = () => rookery("eval", "repeat", "--from", path, ...tiny.model);
  const repeated = await repeat();
  assert.equal(repeated.code, 0, repeated.notes);
  assert.match(repeated.out, /All figures are equal/);
  await Deno.writeTextFile(path, before.replace(/"n": 2/, '"n": 3'));
  const other = await repeat();
  assert.equal(other.code, 1);
  assert.match(other.out, /Figures differ/);
});

Deno.test("eval lists pictures that cannot be read, and goes on", async () => {
  await using tiny = await tinyFolder();
  await makeDatasets(tiny.path("data"));
  await Deno.writeTextFile(tiny.path("data/questions/5.png"), "no picture");
  const run = (shots: string) =>
    rookery(
      ...["eval", "questions", "--data", tiny.path("data/questions")],
      ...["--shot-counts", shots, "--seeds", "1", "--out", tiny.path("out")],
      ...tiny.model,
    );
  const { code, notes, out } = await run("0");
  assert.equal(code, 1);
  assert.match(notes, /1 queries failed:\n.*5\.png/);
  assert.match(out, /^shots +seed +accuracy\n +0 +0 +\d\.\d{3} \[/);
  const many = await run("9");
  assert.equal(many.code, 2);
  assert.match(many.notes, /9 examples of questions: .* has 4 rows/);
  const none = await rookery("eval", "coco", ...tiny.model);
  assert.match(none.notes, /coco without its files: give --data/);
});
