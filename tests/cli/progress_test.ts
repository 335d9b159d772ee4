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
  const { report, text } = record(true, 20);
  report("download", 0, 10);
  assert.equal(text(), "\r\x1b[Kdownload a.gguf [..");
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
    "download a.gguf 50.0 of 100.0 MB",
    "download a.gguf 100.0 of 100.0 MB",
  ]);
});

Deno.test("createProgressWriter() shows bytes where the total is unknown", () => {
  const { report, text } = record(false);
  report("download", 2);
  assert.equal(text(), "download a.gguf 2.0 MB\n");
});
