import assert from "node:assert/strict";
import { assertPage } from "../plugins/report/assert_page.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("classify --report --explain writes a page with matrix and maps", async () => {
  await using tiny = await tinyFolder();
  for (const [i, label] of ["a", "b", "a"].entries()) {
    await Deno.mkdir(tiny.path(label), { recursive: true });
    await Deno.rename(tiny.path(`${i}.png`), tiny.path(`${label}/${i}.png`));
  }
  const report = tiny.path("report.html");
  const { code, notes, out } = await rookery(
    "classify",
    tiny.path("[ab]/*.png"),
    ...["--labels", "a,b", "--report", report, "--explain", "--json"],
    ...tiny.model,
  );
  assert.equal(code, 0, notes);
  assert.match(notes, /wrote .*report\.html/);
  const rows = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(rows.length, 3);
  for (const { explanation } of rows) {
    assert(explanation.words.length > 0);
    assert(explanation.gates.length > 0);
  }
  const page = await Deno.readTextFile(report);
  assertPage(page);
  assert.match(page, /3 pictures, \d of 3 right/);
  assert.match(page, /Confusion matrix/);
  assert.equal(page.split('class="card explained"').length, 4);
});

Deno.test("caption --report holds results of earlier runs, and failures", async () => {
  await using tiny = await tinyFolder();
  await Deno.writeTextFile(tiny.path("bad.png"), "no picture");
  const words = ["--max-tokens", "2", ...tiny.model];
  const out = ["--out", tiny.path("r.jsonl")];
  const first = await rookery("caption", tiny.path("0.png"), ...out, ...words);
  assert.equal(first.code, 0, first.notes);
  const report = ["--report", tiny.path("r.html")];
  const all = tiny.path("*.png");
  const second = await rookery("caption", all, ...out, ...report, ...words);
  assert.equal(second.code, 1);
  const page = await Deno.readTextFile(tiny.path("r.html"));
  assertPage(page);
  assert.match(page, /4 pictures, 1 failed/);
  assert.match(page, /class="wrong">[^<]*bad\.png/);
});

Deno.test("caption --report says where it cannot be written", async () => {
  await using tiny = await tinyFolder();
  const { code, notes } = await rookery(
    "caption",
    tiny.path("0.png"),
    ...["--report", tiny.path("no/r.html"), "--max-tokens", "1"],
    ...tiny.model,
  );
  assert.equal(code, 1);
  assert.match(notes, /Cannot write the report .*no\/r\.html/);
});
