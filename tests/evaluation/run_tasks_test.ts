import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../evaluation/journal.ts";
import { runTasks } from "../../evaluation/run_tasks.ts";
import type { Task } from "../../evaluation/task.ts";
import { fakeSubject } from "./fake_subject.ts";

function recorded(name: string, count: number, log: string[]): Task {
  return {
    name,
    count,
    batch: 2,
    cost: 1,
    answer: (_, numbers) => {
      log.push(`${name} ${numbers}`);
      return Promise.resolve(numbers.map((n) => ({ text: `${name}${n}` })));
    },
  };
}

async function withJournal(
  work: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "answers.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("runTasks() takes equal numbers of a group's tasks side by side", () =>
  withJournal(async (path) => {
    using journal = await Journal.open(path);
    const log: string[] = [];
    const groups = [
      [recorded("a", 3, log), recorded("b", 4, log)],
      [recorded("c", 1, log)],
    ];
    const lines: string[] = [];
    await runTasks(fakeSubject(), groups, journal, {
      onProgress: (line) => lines.push(line),
      now: () => 1000 * log.length,
    });
    assert.deepEqual(log, ["a 0,1", "b 0,1", "a 2", "b 2,3", "c 0"]);
    assert.deepEqual(journal.get("b/3"), { text: "b3" });
    assert.match(lines[0]!, /^a 2\/3 · 25 % after 0:01, about 0:03 left$/);
  }));

Deno.test("runTasks() loses at most the batch in work when it is ended", () =>
  withJournal(async (path) => {
    const log: string[] = [];
    const failing: Task = {
      ...recorded("a", 6, log),
      answer: (subject, numbers) =>
        numbers.includes(4)
          ? Promise.reject(new Error("ended"))
          : recorded("a", 6, log).answer(subject, numbers),
    };
    {
      using journal = await Journal.open(path);
      await assert.rejects(
        runTasks(fakeSubject(), [[failing]], journal),
        /ended/,
      );
    }
    using journal = await Journal.open(path);
    await runTasks(fakeSubject(), [[recorded("a", 6, log)]], journal);
    assert.deepEqual(log, ["a 0,1", "a 2,3", "a 4,5"]);
  }));

Deno.test("runTasks() goes on from a limit", () =>
  withJournal(async (path) => {
    using journal = await Journal.open(path);
    const log: string[] = [];
    const groups = [[recorded("a", 5, log)]];
    await runTasks(fakeSubject(), groups, journal, { limit: 3 });
    await runTasks(fakeSubject(), groups, journal);
    assert.deepEqual(log, ["a 0,1", "a 2", "a 3,4"]);
  }));
