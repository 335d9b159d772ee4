import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../evaluation/journal.ts";

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "deeper", "answers.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Journal gives answers back after it was closed", () =>
  inFolder(async (path) => {
    {
      using journal = await Journal.open(path);
      journal.add([["a/0", { text: "dog" }], ["a/1", { scores: [-1, -2.5] }]]);
    }
    using journal = await Journal.open(path);
    assert.deepEqual(journal.get("a/0"), { text: "dog" });
    assert.deepEqual(journal.get("a/1"), { scores: [-1, -2.5] });
    assert.equal(journal.has("a/2"), false);
  }));

Deno.test("Journal takes a cut last line away and goes on after it", () =>
  inFolder(async (path) => {
    {
      using journal = await Journal.open(path);
      journal.add([["a/0", { text: "né" }], ["a/1", { text: "dog" }]]);
    }
    const whole = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, whole.slice(0, -6));
    {
      using journal = await Journal.open(path);
      assert.equal(journal.has("a/1"), false);
      journal.add([["a/1", { text: "cat" }]]);
    }
    using journal = await Journal.open(path);
    assert.deepEqual(journal.get("a/0"), { text: "né" });
    assert.deepEqual(journal.get("a/1"), { text: "cat" });
  }));

Deno.test("Journal names a line that is no answer", () =>
  inFolder(async (path) => {
    {
      using journal = await Journal.open(path);
      journal.add([["a/0", { text: "dog" }]]);
    }
    await Deno.writeTextFile(path, '{"other":1}\n', { append: true });
    await assert.rejects(Journal.open(path), /answers\.jsonl:2 .*no answer/);
  }));
