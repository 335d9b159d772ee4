/**
 * `eval TASK`: a published dataset by OpenFlamingo's protocol.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Dataset,
  type EvaluatedAnswer,
  evaluateTask,
  type EvaluationCell,
  readDataset,
  RookeryError,
  scoreCell,
  writeReport,
} from "../mod.ts";
import { hashOf } from "../evaluation/open_subject.ts";
import type { OptionValues, Output } from "./command.ts";
import { countsOf } from "./counts_of.ts";
import { EXIT } from "./exit_code.ts";
import { checkEyes, type MODEL_OPTIONS, openModel } from "./model_options.ts";
import { readTextFile } from "./read_json_lines.ts";
import { ResultsFile } from "./results_file.ts";
import {
  evaluationReport,
  type EvaluationResults,
  evaluationTable,
  type ScoredCell,
} from "./evaluation_text.ts";

/** Options that a run of a dataset needs. */
export type EvalTaskOptions = OptionValues<typeof MODEL_OPTIONS> & {
  readonly data: string | undefined;
  readonly shotCounts: string;
  readonly seeds: number;
  readonly limit: number | undefined;
  readonly out: string;
  readonly from: string | undefined;
  readonly report: string | undefined;
  readonly json: boolean;
};

/** What is run, from options or from the file of an earlier run. */
type Run =
  & Pick<
    EvaluationResults,
    "task" | "data" | "shotCounts" | "seeds" | "model"
  >
  & { readonly limit?: number | undefined };

/** Runs a dataset, writes the results and a table; gives the exit code. */
export async function evaluateDataset(
  task: string,
  options: EvalTaskOptions,
  output: Output,
): Promise<number> {
  const results = await runDataset(runOf(task, options), options, output);
  const { out, report, json } = options;
  const path = join(out, `${task}.json`);
  await Deno.writeTextFile(path, `${JSON.stringify(results, null, 1)}\n`);
  output.note(`wrote ${path}\n`);
  if (report !== undefined) {
    await writeReport(report, evaluationReport(results));
    output.note(`wrote ${report}\n`);
  }
  output.write(
    json ? `${JSON.stringify(results)}\n` : evaluationTable(results),
  );
  return failedOf(results, output);
}

/** Runs anew what a results file says; fails where a figure differs. */
export async function repeatEvaluation(
  options: EvalTaskOptions,
  output: Output,
): Promise<number> {
  const { from } = options;
  if (from === undefined) {
    throw new RookeryError(
      "usage",
      "Cannot repeat a run without its file: give --from RESULTS.json",
    );
  }
  const before = await readResults(from);
  const out = await Deno.makeTempDir();
  try {
    const own = { ...options, model: before.model, out };
    const results = await runDataset(before, own, output);
    const changed = (["identity", "dataset", "device"] as const)
      .filter((key) => results[key] !== before[key]);
    for (const key of changed) {
      output.note(`${key} was ${before[key]}, is ${results[key]}\n`);
    }
    const isEqual = JSON.stringify(results.cells) ===
      JSON.stringify(before.cells);
    output.write(
      evaluationTable(results) +
        (isEqual ? "All figures are equal.\n" : "Figures differ.\n"),
    );
    return isEqual ? EXIT.done : EXIT.failed;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

function runOf(task: string, options: EvalTaskOptions): Run {
  const { data, shotCounts, seeds, limit, model } = options;
  if (data === undefined) {
    throw new RookeryError(
      "usage",
      `Cannot evaluate ${task} without its files: give --data DIR`,
    );
  }
  if (seeds < 1) {
    throw new RookeryError(
      "usage",
      `Cannot use --seeds ${seeds}: it must be at least 1`,
      { actual: seeds },
    );
  }
  return {
    task,
    data,
    shotCounts: countsOf("shot-counts", shotCounts, 0),
    seeds: Array.from({ length: seeds }, (_, i) => i),
    limit,
    model,
  };
}

async function runDataset(
  run: Run,
  options: EvalTaskOptions,
  output: Output,
): Promise<EvaluationResults> {
  const dataset = await readDataset(run.task, run.data);
  const { out } = options;
  using opened = await openModel({ ...options, model: run.model }, output);
  const { model, device } = opened;
  checkEyes(model, run.model);
  const { train, test, labels } = dataset;
  const identity = model.identity?.model ?? "";
  const hash = await hashOfText(JSON.stringify({ train, test, labels }));
  await Deno.mkdir(out, { recursive: true });
  using file = await ResultsFile.open(
    join(out, `${run.task}.jsonl`),
    await hashOfText(`${identity}\n${hash}`),
  );
  const cells = await answeredCells(model, dataset, run, { file, output });
  return {
    ...run,
    limit: run.limit,
    identity,
    dataset: hash,
    device: device.profile.name,
    deno: Deno.version.deno,
    cells,
  };
}

async function answeredCells(
  model: Parameters<typeof evaluateTask>[0],
  dataset: Dataset,
  { shotCounts, seeds, limit }: Run,
  { file, output }: { readonly file: ResultsFile; readonly output: Output },
): Promise<ScoredCell[]> {
  let count = 0;
  const cells = await evaluateTask(model, dataset, {
    shotCounts,
    seeds,
    limit,
    known: (cell, id) =>
      file.lineOf(keyOf(cell, id)) as EvaluatedAnswer | undefined,
    onAnswer(cell, answer) {
      file.append(keyOf(cell, answer.id), { ...answer });
      if (++count % 20 === 0) output.note(`${count} answers\n`);
    },
  });
  return cells.map((cell) => ({
    shots: cell.shots,
    seed: cell.seed,
    figures: scoreCell(dataset, cell),
    failures: cell.answers.flatMap(({ id, error }) =>
      error === undefined ? [] : [`${id}: ${error}`]
    ),
  }));
}

async function hashOfText(text: string): Promise<string> {
  return await hashOf(new TextEncoder().encode(text));
}

function keyOf({ shots, seed }: EvaluationCell, id: string): string {
  return `${shots}/${seed}/${id}`;
}

function failedOf({ cells }: EvaluationResults, output: Output): number {
  const failures = [...new Set(cells.flatMap(({ failures }) => failures))];
  if (failures.length === 0) return EXIT.done;
  output.note(`${failures.length} queries failed:\n${failures.join("\n")}\n`);
  return EXIT.failed;
}

async function readResults(path: string): Promise<EvaluationResults> {
  const text = await readTextFile(path);
  try {
    const value = JSON.parse(text);
    if (Array.isArray(value.cells) && typeof value.task === "string") {
      return value;
    }
  } catch {
    // Told below, as for JSON of another kind.
  }
  throw new RookeryError(
    "file",
    `Cannot repeat ${path} as it holds no results of an evaluation: give a ` +
      "file that `eval TASK` wrote",
    { path },
  );
}
