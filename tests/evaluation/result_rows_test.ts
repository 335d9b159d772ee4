import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../evaluation/journal.ts";
import { madeUpRows } from "../../evaluation/made_up_rows.ts";
import { madeUpTasks } from "../../evaluation/made_up_tasks.ts";
import { newStyleRows } from "../../evaluation/new_style_rows.ts";
import { newStyleTasks } from "../../evaluation/new_style_tasks.ts";
import { questionRows } from "../../evaluation/question_rows.ts";
import { questionTasks } from "../../evaluation/question_tasks.ts";
import type { ResultRow } from "../../evaluation/result_row.ts";
import { runTasks } from "../../evaluation/run_tasks.ts";
import type { Task } from "../../evaluation/task.ts";
import { fakePictures, fakeSubject } from "./fake_subject.ts";
import { smallLists } from "./small_lists.ts";

const lists = smallLists();
const pictures = fakePictures();

async function rowsAfter(
  tasks: readonly Task[],
  rowsOf: (journal: Journal) => ResultRow[],
): Promise<ResultRow[]> {
  const folder = await Deno.makeTempDir();
  try {
    using journal = await Journal.open(join(folder, "answers.jsonl"));
    assert.deepEqual(rowsOf(journal), [], "no row before an answer");
    await runTasks(fakeSubject(), [tasks], journal);
    return rowsOf(journal);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("newStyleRows() counts right labels, ranks and shuffled pictures", async () => {
  const rows = await rowsAfter(
    newStyleTasks(lists.newStyle, pictures),
    (journal) => newStyleRows(lists, journal),
  );
  const [exact, f1, rank, four, against, shuffled] = rows;
  // The dog is named; the cat's file is called a cow.
  assert.equal(exact!.result.mean, 50);
  assert.equal(exact!.result.n, 2);
  assert.equal(exact!.mostFrequent, 50);
  assert.equal(exact!.shuffled, 0);
  assert.equal(f1!.result.mean, 50);
  assert.equal(rank!.result.mean, 100);
  assert.equal(rank!.result.n, 1);
  // "cow" is none of the choices, so the first of equal scores counts.
  assert.equal(rank!.shuffled, 100);
  assert.equal(four!.result.mean, 50);
  assert.equal(against!.result.mean, 0);
  assert.equal(shuffled!.result.mean, 0);
});

Deno.test("madeUpRows() takes the likeliest word, then another picture's", async () => {
  const [row] = await rowsAfter(
    madeUpTasks(lists.madeUp, pictures),
    (journal) => madeUpRows(lists, journal),
  );
  assert.equal(row!.result.mean, 100);
  assert.equal(row!.shuffled, 0);
  assert.equal(row!.mostFrequent, 50);
  assert.equal(row!.test, "Made-up words, 2-way google → twitter");
});

Deno.test("questionRows() writes names, ranks yes and no, and sets its goal", async () => {
  const [all, what, isIt] = await rowsAfter(
    questionTasks(lists.questions, pictures),
    (journal) => questionRows(lists, journal),
  );
  // Names are right; "dog" and "cat" are neither yes nor no: yes comes first.
  assert.equal(all!.result.mean, 75);
  assert.equal(all!.mostFrequent, 50);
  assert.equal(all!.shuffled, 25);
  assert.equal(all!.atLeast, "75.0");
  assert.equal(what!.result.mean, 100);
  assert.equal(what!.shuffled, 0);
  assert.equal(isIt!.result.mean, 50);
});

Deno.test("questionTasks() shows the picture of another question", async () => {
  const subject = fakeSubject();
  const [own, shuffled] = questionTasks(lists.questions, pictures);
  await own!.answer(subject, [0]);
  await shuffled!.answer(subject, [0]);
  assert.deepEqual(subject.asked, ["/fluent/dog.png", "/fluent/cat.png"]);
});
