import assert from "node:assert/strict";
import { verdictsOf } from "../../cli/compared_text.ts";
import type { ComparedRow } from "../../mod.ts";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyPicture } from "../support/tiny_model.ts";
import { assertPage } from "../plugins/report/assert_page.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("compare writes a table, and every answer as JSON", async () => {
  await using tiny = await tinyFolder();
  for (let seed = 0; seed < 8; seed++) {
    const folder = tiny.path(`data/${seed % 2 ? "ab" : "cd"}`);
    await Deno.mkdir(folder, { recursive: true });
    const { width, height, data } = tinyPicture(seed);
    const png = encodePng({ width, height, data: new Uint8Array(data) });
    await Deno.writeFile(`${folder}/${seed}.png`, png);
  }
  const words = ["--data", tiny.path("data"), "--label-counts", "2,9"];
  const compare = async (...more: string[]) =>
    await rookery("compare", ...words, "--shot-count", "1", ...more);
  const table = await compare(...tiny.model);
  assert.equal(table.code, 0, table.notes);
  assert.match(table.out, /^4 pictures of 2 classes, 4 others to learn from/);
  assert.match(table.out, /2 +head +\d+\.\d % +\d+\.\d–\d+\.\d/);
  assert.match(table.out, /With 4 labels: /);
  const json = await compare("--json", ...tiny.model);
  const { rows, queries, truth, verdicts } = JSON.parse(json.out);
  assert.equal(rows.length, 8);
  assert.deepEqual(queries.length, truth.length);
  assert.deepEqual(
    verdicts.map(({ labels }: { labels: number }) => labels),
    [2, 4],
  );
  const report = tiny.path("report.html");
  const page = await compare("--report", report, ...tiny.model);
  assert.equal(page.code, 0, page.notes);
  const text = await Deno.readTextFile(report);
  assertPage(text);
  assert.match(text, /Right answers by labels/);
  assert.match(text, /Confusion matrix/);
  await Deno.writeTextFile(tiny.path("data/ab/bad.png"), "no picture");
  const bad = await compare("--json", ...tiny.model);
  assert.equal(bad.code, 1);
  assert.match(bad.notes, /bad\.png/);
  assert.equal(JSON.parse(bad.out).failed, 1);
  const wrong = await compare("--label-counts", "1", ...tiny.model);
  assert.equal(wrong.code, 2);
});

Deno.test("verdictsOf() calls one better only where that is sure", () => {
  const rowsOf = (prompt: number[], head: number[]): ComparedRow[] =>
    (["prompt", "head"] as const).map((method) => ({
      method,
      labels: 10,
      predictions: [],
      right: method === "prompt" ? prompt : head,
      prepareSeconds: 0,
      querySeconds: 0,
      queryTokens: 0,
    }));
  const ones = Array<number>(20).fill(1), zeros = Array<number>(20).fill(0);
  const better = (prompt: number[], head: number[]) =>
    verdictsOf(rowsOf(prompt, head))[0]!.better;
  assert.equal(better(ones, zeros), "prompt");
  assert.equal(better(zeros, ones), "head");
  assert.equal(better(ones, ones), "no clear difference");
  assert.equal(better([1, 0, 1, 0], [0, 1, 1, 0]), "no clear difference");
});
