import assert from "node:assert/strict";
import { createProgressWriter } from "../../cli/progress.ts";

const MB = 1_000_000;

function record(isTerminal: boolean, columns = 80) {
  let text = "";
  let time = 0;
  const show = createProgressWriter({
    write: (part) => text += part,
    isTerminal,
    columns,
    now: () => time,
  });
  const report = (stage: string, done: number, total?: number) =>
    show({
      name: "a.gguf",
      stage,
      doneBytes: done * MB,
      ...(total === undefined ? {} : { totalBytes: total * MB }),
    });
  return { report, wait: (ms: number) => time += ms, text: () => text };
}

Deno.test("createProgressWriter() draws a bar on a terminal", () => {
  const { report, wait, text } = record(true);
  report("download", 0, 10);
  report("download", 1, 10); // too soon to be drawn
  wait(200);
  report("download", 5, 10);
  report("download", 10, 10);
  report("download", 10, 10);
  const lines = text().split("\r\x1b[K").slice(1);
  assert.deepEqual(lines, [
    "download a.gguf [........................] 0.0 of 10.0 MB",
    "download a.gguf [############............] 5.0 of 10.0 MB",
    "download a.gguf [########################] 10.0 of 10.0 MB\n",
  ]);
});

Deno.test("createProgressWriter() keeps within the terminal's width", () => {
  for (
    const [columns, line] of [
      [56, "download a.gguf 0.0 of 10.0 MB"], // no room for the bar
      [20, "dow… 0.0 of 10.0 MB"],
      [8, "… 0.0 o"],
    ] as const
  ) {
    const { report, text } = record(true, columns);
    report("download", 0, 10);
    assert.equal(text(), `\r\x1b[K${line}`);
  }
});

Deno.test("createProgressWriter() writes few plain lines elsewhere", () => {
  const { report, wait, text } = record(false);
  for (let i = 0; i < 100; i++) {
    report("download", i, 100);
    wait(200);
  }
  report("download", 100, 100);
  report("download", 100, 100);
  report("verify", 100, 100);
  assert.deepEqual(text().trimEnd().split("\n"), [
    "download a.gguf 0.0 of 100.0 MB",
    "download a.gguf 50.0 of 100.0 MB, 5.0 MB/s, 10 s left",
    "download a.gguf 100.0 of 100.0 MB, 5.0 MB/s",
  ]);
});

Deno.test("createProgressWriter() shows bytes where the total is unknown", () => {
  const { report, text } = record(false);
  report("download", 2);
  assert.equal(text(), "download a.gguf 2.0 MB\n");
});

Deno.test("createProgressWriter() tells the rate of the last seconds", () => {
  const { report, wait, text } = record(true);
  const lastLine = () => text().split("\r\x1b[K").at(-1) ?? "";
  report("download", 4000, 10_000); // what an earlier run left is no rate
  for (let i = 1; i <= 40; i++) {
    wait(1000);
    report("download", 4000 + i, 10_000);
  }
  assert.match(lastLine(), / 1\.0 MB\/s, 1 h 39 min left$/);
  for (let i = 1; i <= 20; i++) {
    wait(1000);
    report("download", 4040 + 20 * i, 10_000);
  }
  assert.match(lastLine(), / 20\.0 MB\/s, 4 min 38 s left$/);
  for (let i = 1; i <= 20; i++) {
    wait(1000);
    report("download", 4440, 10_000);
  }
  assert.match(lastLine(), / of 10000\.0 MB$/, "nothing came: no rate");
});
