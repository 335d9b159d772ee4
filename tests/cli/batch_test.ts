import assert from "node:assert/strict";
import { batchProgress } from "../../cli/batch_progress.ts";
import { readRows } from "../../cli/batch_rows.ts";
import { parseCsv } from "../../cli/parse_csv.ts";
import { ResultsFile } from "../../cli/results_file.ts";
import { recordOutput, rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("parseCsv() reads quotes, line breaks within them, and empty fields", () => {
  const text =
    '\ufeffimage,question\r\na.png,"Is it ""red"",\nor not?"\n\nb.png,\n';
  assert.deepEqual(parseCsv(text, "t.csv"), [
    {
      value: { image: "a.png", question: 'Is it "red",\nor not?' },
      place: "t.csv:2",
    },
    { value: { image: "b.png" }, place: "t.csv:5" },
  ]);
  assert.throws(() => parseCsv("image\na,b\n", "t.csv"), /t\.csv:2.*2 fields/);
  assert.throws(() => parseCsv('image\n"a', "t.csv"), /t\.csv:2.*quotes/);
});

Deno.test("readRows() takes folders, globs and lists, and keeps bad lines as errors", async () => {
  await using tiny = await tinyFolder();
  const folder = tiny.path(".");
  const names = (rows: Awaited<ReturnType<typeof readRows>>) =>
    rows.map(({ query }) => query.image.slice(-5));
  const all = ["0.png", "1.png", "2.png"];
  assert.deepEqual(names(await readRows([folder])), all);
  assert.deepEqual(
    names(await readRows([tiny.path("[01].png")])),
    all.slice(0, 2),
  );
  await Deno.writeTextFile(
    tiny.path("rows.csv"),
    "image,question,label\n0.png,Why?,x\nno.png,,y\n2.png,,\n",
  );
  const rows = await readRows([tiny.path("rows.csv")], { question: "What?" });
  assert.deepEqual(rows.map(({ query }) => query.question), [
    "Why?",
    "What?",
    "What?",
  ]);
  assert.deepEqual(rows[0]!.given, { label: "x" });
  assert.match(rows[1]!.error!.message, /rows\.csv:3.*no picture "no\.png"/);
  await assert.rejects(readRows([tiny.path("*.webp")]), /none ends in/);
});

Deno.test("caption --out goes on after a killed run, and tries failures again", async () => {
  await using tiny = await tinyFolder();
  const out = tiny.path("results.jsonl");
  await Deno.writeTextFile(
    tiny.path("rows.jsonl"),
    ["0.png", "bad.png", "1.png"].map((image) =>
      JSON.stringify({ image, id: image })
    ).join("\n"),
  );
  await Deno.writeTextFile(tiny.path("bad.png"), "no picture");
  const run = (...more: string[]) =>
    rookery(
      "caption",
      tiny.path("rows.jsonl"),
      ...["--out", out, "--max-tokens", "3", ...more],
      ...tiny.model,
    );
  const read = async () =>
    (await Deno.readTextFile(out)).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
  const first = await run();
  assert.equal(first.code, 1);
  assert.equal(first.out, "");
  assert.match(first.notes, /1 of 3 pictures failed/);
  const whole = await read();
  assert.deepEqual(whole.map(({ id }) => id), ["0.png", "bad.png", "1.png"]);
  assert.match(whole[1].error, /bad\.png/);
  assert.equal(typeof whole[2].text, "string");
  // A run that was killed while it wrote its last line.
  const text = await Deno.readTextFile(out);
  await Deno.writeTextFile(out, text.slice(0, -20));
  await Deno.copyFile(tiny.path("2.png"), tiny.path("bad.png"));
  const second = await run();
  assert.equal(second.code, 0, second.notes);
  assert.match(second.notes, /1 of 3 are done/);
  const mended = await read();
  assert.deepEqual(mended.map(({ id }) => id), ["0.png", "bad.png", "1.png"]);
  assert.deepEqual(mended[0], whole[0]);
  assert.equal(mended[2].text, whole[2].text);
  assert.equal(mended[1].error, undefined);
  const other = await run("--seed", "3");
  assert.equal(other.code, 1);
  assert.match(other.notes, /results\.jsonl:1.*other options.*another file/);
});

Deno.test("ResultsFile refuses what is no file of results", async () => {
  await using tiny = await tinyFolder();
  await assert.rejects(ResultsFile.open(tiny.path("plugin.ts"), "x"), {
    code: "file",
    message: /plugin\.ts:1.*no result/,
  });
  await assert.rejects(ResultsFile.open(tiny.path("no/r.jsonl"), "x"), {
    code: "file",
  });
});

Deno.test("answer reads questions of a list; classify goes on after bad lines", async () => {
  await using tiny = await tinyFolder();
  await Deno.writeTextFile(
    tiny.path("q.csv"),
    "image,question,answers\n0.png,what,a\n1.png,,b\n",
  );
  const words = ["--max-tokens", "2", "--json", ...tiny.model];
  const some = await rookery("answer", tiny.path("q.csv"), ...words);
  assert.equal(some.code, 1);
  const lines = some.out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines[0].question, "what");
  assert.equal(lines[0].answers, "a");
  assert.match(lines[1].error, /q\.csv:3.*no question/);
  const folder = tiny.path(".");
  const labels = ["--labels", "a,b", "--score", "sum", "--json"];
  const all = await rookery("classify", folder, ...labels, ...tiny.model);
  assert.equal(all.code, 0, all.notes);
  assert.equal(all.out.trimEnd().split("\n").length, 3);
  const calibrated = ["--labels", "a,b", "--score", "calibrated"];
  const told = await rookery("classify", folder, ...calibrated, ...tiny.model);
  assert.equal(told.code, 0, told.notes);
});

Deno.test("empty labels, shots with two answers and too many shots are told by line", async () => {
  await using tiny = await tinyFolder();
  const picture = tiny.path("0.png");
  await Deno.writeTextFile(tiny.path("labels.txt"), "a\n\nb\n");
  const labels = ["--labels-file", tiny.path("labels.txt")];
  const empty = await rookery("classify", picture, ...labels, ...tiny.model);
  assert.equal(empty.code, 1);
  assert.match(empty.notes, /labels\.txt:2 as the label is empty/);
  const shots = tiny.path("shots.jsonl");
  const withShots = async (content: string) => {
    await Deno.writeTextFile(shots, content);
    return await rookery("caption", picture, "--shots", shots, ...tiny.model);
  };
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"image":"1.png","text":"a","text":"b"}', /:1 as it has "text" twice/],
    [
      '{"image":"1.png","question":"q","answer":["a","b"]}',
      /:1 as "answer" is a list of 2/,
    ],
    [
      `{"image":"1.png","text":"${"a".repeat(50)}"}\n`.repeat(400),
      /shots\.jsonl:\d+ as the shots up to it take \d+ tokens.*the first \d+ of 400/,
    ],
  ];
  for (const [content, message] of cases) {
    const { code, notes } = await withShots(content);
    assert.equal(code, 1);
    assert.match(notes, message);
  }
});

Deno.test("--text-shots leaves out the examples' pictures", async () => {
  await using tiny = await tinyFolder();
  const shots = tiny.path("shots.jsonl");
  const captions = async (shown: string, ...more: string[]) => {
    await Deno.writeTextFile(
      shots,
      `{"image":"${shown}","text":"abc"}\n{"image":"2.png","text":"de"}\n`,
    );
    const words = ["--shots", shots, "--json", "--max-tokens", "4", ...more];
    const ran = await rookery(
      "caption",
      tiny.path("0.png"),
      ...words,
      ...tiny.model,
    );
    assert.equal(ran.code, 0, ran.notes);
    return JSON.parse(ran.out).logLikelihood as number;
  };
  const blind = await captions("1.png", "--text-shots");
  assert.equal(await captions("0.png", "--text-shots"), blind);
  assert.notEqual(await captions("1.png"), blind);
});

Deno.test("batchProgress() draws a bar on a terminal only", () => {
  const output = recordOutput();
  let now = 0;
  const terminal = { isTerminal: true, now: () => now };
  const bar = batchProgress(4, output, true, terminal);
  now = 1000;
  bar.step();
  assert.match(output.notes, /\[#{6}\.{18}\] 1 of 4, 3 s left$/);
  bar.clear();
  const quiet = recordOutput();
  batchProgress(4, quiet, true, { isTerminal: false, now: () => 0 }).step();
  assert.equal(quiet.notes, "");
});
