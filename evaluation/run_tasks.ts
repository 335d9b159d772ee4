/**
 * Runs what a journal lacks, in an order that shows a picture while it is
 * still encoded, and says how far it is.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import type { Subject } from "./subject.ts";
import { answerKey, type Task } from "./task.ts";

/** Who hears of progress. */
export interface RunTasksOptions {
  /** Receives a line of text after a batch. */
  readonly onProgress?: (line: string) => void;
  /** Milliseconds now; left out, the clock's. */
  readonly now?: () => number;
  /** Only the first queries of every task. */
  readonly limit?: number;
}

interface Batch {
  readonly task: Task;
  readonly numbers: readonly number[];
}

/**
 * Answers every query that the journal has no answer of, one group of tasks
 * after the other.
 */
export async function runTasks(
  subject: Subject,
  groups: readonly (readonly Task[])[],
  journal: Journal,
  options: RunTasksOptions = {},
): Promise<void> {
  const { now = () => performance.now(), onProgress = () => {} } = options;
  const batches = groups.flatMap((tasks) => batchesOf(tasks, journal, options));
  const total = batches.reduce((sum, batch) => sum + costOf(batch), 0);
  const begin = now();
  let done = 0;
  for (const batch of batches) {
    const { task, numbers } = batch;
    const answers = await task.answer(subject, numbers);
    journal.add(
      numbers.map((number, i) =>
        [answerKey(task.name, number), answers[i]!] as const
      ),
    );
    done += costOf(batch);
    const seconds = (now() - begin) / 1000;
    const left = seconds * (total - done) / done;
    onProgress(
      `${task.name} ${numbers.at(-1)! + 1}/${task.count} · ` +
        `${(100 * done / total).toFixed(0)} % after ${clock(seconds)}, ` +
        `about ${clock(left)} left`,
    );
  }
}

/** Batches of all tasks: the same numbers of different tasks side by side. */
function batchesOf(
  tasks: readonly Task[],
  journal: Journal,
  { limit = Infinity }: RunTasksOptions,
): Batch[] {
  const batches: Batch[] = [];
  for (const task of tasks) {
    const length = Math.min(task.count, limit);
    const missing = Array.from({ length }, (_, n) => n)
      .filter((n) => !journal.has(answerKey(task.name, n)));
    for (let at = 0; at < missing.length; at += task.batch) {
      batches.push({ task, numbers: missing.slice(at, at + task.batch) });
    }
  }
  return batches.sort((a, b) => a.numbers[0]! - b.numbers[0]!);
}

function costOf({ task, numbers }: Batch): number {
  return task.cost * numbers.length;
}

/** Seconds as `1:02:03` or `2:03`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const all = hours > 0 ? [hours, ...parts] : parts;
  return all.map((part, i) => i === 0 ? `${part}` : `${part}`.padStart(2, "0"))
    .join(":");
}
