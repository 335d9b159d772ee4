import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { markdownTable, writeResults } from "../../evaluation/results_table.ts";

const ROWS = [{
  test: "new style",
  result: { mean: 31.52, low: -2.04, high: 36, n: 400 },
  atLeast: "42",
  nearest: 51.5,
}];

Deno.test("markdownTable() writes figures with intervals, and dashes for none", () => {
  const line = markdownTable(ROWS).split("\n")[2];
  assert.equal(
    line,
    "| new style | 31.5 [−2.0, 36.0] | 400 | 42 |  | – | – | 51.5 |",
  );
});

Deno.test("writeResults() replaces what is between the marks only", async () => {
  const path = await Deno.makeTempFile({ suffix: ".md" });
  try {
    const url = pathToFileURL(path);
    const committed = await Deno.readTextFile(
      new URL("../../docs/evaluation.md", import.meta.url),
    );
    await Deno.writeTextFile(path, committed);
    await writeResults(url, "| row 1 |\n");
    await writeResults(url, "| row 2 |\n");
    const text = await Deno.readTextFile(path);
    assert(text.includes("| row 2 |") && !text.includes("| row 1 |"));
    const head = committed.slice(0, committed.indexOf("<!--"));
    assert(text.startsWith(head));
    await Deno.writeTextFile(path, "nothing here");
    await assert.rejects(writeResults(url, "x"), /lacks the lines/);
  } finally {
    await Deno.remove(path);
  }
});
