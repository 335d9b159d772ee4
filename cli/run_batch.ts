/**
 * Work on many pictures: a bad one does not stop the rest, results can go to a
 * file that a second run goes on with.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";
import type { BatchRow } from "./batch_rows.ts";
import { batchProgress } from "./batch_progress.ts";
import type { Options, Output } from "./command.ts";
import { type BatchReport, REPORT_OPTIONS } from "./batch_report.ts";
import { EXIT } from "./exit_code.ts";
import { ResultsFile } from "./results_file.ts";

/** Options of commands that work on many pictures. */
export const BATCH_OPTIONS = {
  out: {
    type: "text",
    value: "FILE.jsonl",
    help: "Write results there; a second run goes on where the first ended",
  },
  json: { type: "flag", help: "Write one JSON object a picture" },
  ...REPORT_OPTIONS,
} as const satisfies Options;

/** What came of a row. */
export interface RowResult {
  /** As a JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
  /** As text, with its line break. */
  readonly text: string;
}

/** How a batch is run. */
export interface BatchOptions {
  /** Name of the command. */
  readonly command: string;
  /** All its options: those that change results tell runs apart. */
  readonly options: Readonly<Record<string, unknown>> & {
    readonly out: string | undefined;
    readonly json: boolean;
  };
  /** Where results and notes go. */
  readonly output: Output;
  /** Receives all results, those of earlier runs too. */
  readonly report?: BatchReport | undefined;
}

/** Options that do not change results. */
const APART = [
  "out",
  "json",
  "device",
  "deviceMemory",
  "profile",
  "mediaCache",
  "memoryPlan",
  "streamLayers",
  "checkWeights",
  "savePrefix",
  "report",
];

/**
 * Calls `work` for every row that has no result yet. A picture that cannot be
 * read or decoded, a bad line of a list, or numbers that go wrong on their way
 * through the model are noted, listed at the end, and make the exit code 1; any
 * other error ends the batch.
 */
export async function runBatch(
  rows: readonly BatchRow[],
  { command, options, output, report }: BatchOptions,
  work: (row: BatchRow) => Promise<RowResult>,
): Promise<number> {
  using file = options.out === undefined
    ? undefined
    : await ResultsFile.open(options.out, await runOf(command, options));
  const left = rows.filter((row) => {
    const line = file?.lineOf(keyOf(row));
    if (line) report?.add(row, line);
    return line === undefined;
  });
  if (left.length < rows.length) {
    output.note(`${rows.length - left.length} of ${rows.length} are done\n`);
  }
  const progress = batchProgress(left.length, output, file !== undefined);
  const failures: string[] = [];
  for (const row of left) {
    const { result, failure } = await attempt(row, work);
    progress.clear();
    if (failure !== undefined) {
      output.note(`${failure}\n`);
      failures.push(failure);
    }
    const { image, question } = row.query;
    const asked = question === undefined ? { image } : { image, question };
    const json = { ...asked, ...row.given, ...result?.json, error: failure };
    report?.add(row, json);
    if (file) file.append(keyOf(row), json);
    else if (options.json) output.write(`${JSON.stringify(json)}\n`);
    else if (result) output.write(result.text);
    progress.step();
  }
  progress.clear();
  await report?.write(rows, output);
  return summary(failures, left.length, output);
}

/** What tells a row from others, in results. */
function keyOf({ query: { image, question } }: BatchRow): string {
  return question === undefined ? image : `${image}\n${question}`;
}

async function attempt(
  row: BatchRow,
  work: (row: BatchRow) => Promise<RowResult>,
): Promise<{ readonly result?: RowResult; readonly failure?: string }> {
  try {
    if (row.error) throw row.error;
    return { result: await work(row) };
  } catch (error) {
    if (!isAboutRow(error, row)) throw error;
    // Only errors of files name them.
    const name = error.code === "numeric" ? `${row.name}: ` : "";
    return { failure: `${name}${error.message}` };
  }
}

function isAboutRow(error: unknown, row: BatchRow): error is RookeryError {
  return error instanceof RookeryError &&
    (error === row.error || ["image", "file", "numeric"].includes(error.code));
}

function summary(
  failures: readonly string[],
  count: number,
  output: Output,
): number {
  if (failures.length === 0) return EXIT.done;
  if (count > 1) {
    output.note(`${failures.length} of ${count} pictures failed\n`);
    // Far above in a long batch, each was told when it happened.
    if (count > 10) { for (const each of failures) output.note(`- ${each}\n`); }
  }
  return EXIT.failed;
}

/** Tells this run's results from those of other settings. */
async function runOf(
  command: string,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const telling = Object.entries(options)
    .filter(([key, value]) => !APART.includes(key) && value !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1);
  const bytes = new TextEncoder().encode(JSON.stringify([command, telling]));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 16);
}
