import assert from "node:assert/strict";
import { join } from "node:path";
import { readDemoList } from "../../cli/demo_list.ts";
import { readPicture } from "../../plugins/image/read_picture.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("the demo's pictures are all there, four examples each", async () => {
  const { tasks, word } = await readDemoList();
  assert.equal(tasks.length, 12);
  const paths = [word.query.path, ...word.supports.map(({ path }) => path)];
  for (const { path, shots } of tasks) {
    assert.equal(shots.length, 4);
    paths.push(path, ...shots.map((shot) => shot.path));
  }
  for (const path of paths) {
    const { width } = await readPicture(path);
    assert(width >= 64, path);
  }
});

Deno.test("demo runs with any model and writes its two files", async () => {
  await using tiny = await tinyFolder();
  const folder = tiny.path("out");
  const words = ["demo", "--out", folder, ...tiny.model];
  const { code, out, notes } = await rookery(...words);
  assert.equal(code, 0, notes);
  const { tasks } = await readDemoList();
  for (const { label } of tasks) {
    assert.match(out, new RegExp(`^${label} `, "m"));
  }
  assert.match(out, /\d+ of 12 right with 0 shots/);
  assert.match(out, /tokens\/s.*total \d/);
  const sheet = await readPicture(join(folder, "contact_sheet.png"));
  assert(sheet.width > 500 && sheet.height > 500);
  const page = await Deno.readTextFile(join(folder, "index.html"));
  assert(page.startsWith("<!DOCTYPE html>"));
});

Deno.test("demo --json writes the report alone", async () => {
  await using tiny = await tinyFolder();
  const words = ["demo", "--out", tiny.path("out"), "--json", ...tiny.model];
  const report = JSON.parse((await rookery(...words)).out);
  assert.equal(report.pictures.length, 12);
  const [first] = report.pictures;
  const isRight = first.zeroShot.text.toLowerCase() === first.label;
  assert.equal(first.zeroShot.isRight, isRight);
  assert.equal(report.word.ranking.length, 5);
  const scores = report.word.ranking.map((r: { score: number }) => r.score);
  assert.deepEqual(scores, scores.toSorted((a: number, b: number) => b - a));
  assert(report.seconds.total >= report.seconds.firstCaption);
});
