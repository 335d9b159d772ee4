/**
 * `classify` with a contrastive model, whose text tower reads the labels.
 *
 * @module
 */

import {
  assembleContrastive,
  contrastiveEncoder,
  ContrastiveLabels,
  type LocatedConfig,
  outputOf,
  RookeryError,
} from "../mod.ts";
import type { OptionValues, Output } from "./command.ts";
import type { METHOD_OPTIONS } from "./classify_method.ts";
import { indexPool, readPool } from "./demonstrations.ts";
import { openReport } from "./batch_report.ts";
import type { BatchRow } from "./batch_rows.ts";
import { type BATCH_OPTIONS, runBatch } from "./run_batch.ts";
import { mixNote } from "./mix_note.ts";
import {
  assembleOptions,
  type MODEL_OPTIONS,
  openDevice,
} from "./model_options.ts";
import type { EXAMPLE_OPTIONS } from "./prompt_examples.ts";

/** Options that only prompts have. */
const PROMPT_OPTIONS = [
  "shots",
  "prefix",
  "savePrefix",
  "orderReport",
  "permutations",
  "select",
  "shotCount",
  "shotsPerClass",
  "order",
  "explain",
] as const;

type Values = OptionValues<
  & typeof METHOD_OPTIONS
  & typeof EXAMPLE_OPTIONS
  & typeof BATCH_OPTIONS
  & typeof MODEL_OPTIONS
>;

/** What is classified with what. */
export interface ContrastiveRequest {
  /** The model's config. */
  readonly located: LocatedConfig;
  /** The options. */
  readonly values: Values;
  /** The labels; undefined for the pool's classes. */
  readonly labels: readonly string[] | undefined;
}

/** Ranks labels for pictures; gives the exit code. */
export async function classifyContrastive(
  rows: readonly BatchRow[],
  { located, values, labels: given }: ContrastiveRequest,
  { output, table }: {
    readonly output: Output;
    /** A table of a picture's scores. */
    readonly table: (
      name: string,
      scores: Readonly<Record<string, number>>,
    ) => string;
  },
): Promise<number> {
  checkValues(values);
  const { demonstrations: path, labelTemplate: template, method } = values;
  using device = await openDevice(values);
  const options = { device, ...await assembleOptions(values, output) };
  using model = await assembleContrastive(located, options);
  const encoder = contrastiveEncoder(model);
  const indexed = path === undefined || method === "prompt"
    ? undefined
    : await indexPool(encoder, path, { pool: await readPool(path), output });
  const classes = given ??
    [...new Set((indexed?.pool ?? await readPool(path!)).map(outputOf))];
  const opened = await ContrastiveLabels.open(model, classes, {
    ...template === undefined ? {} : { template },
    ...indexed && method !== "prompt"
      ? {
        pictures: {
          vectors: indexed.vectors,
          labels: indexed.pool.map(outputOf),
        },
        method: method as "both",
      }
      : {},
  });
  if (opened.mix) output.note(mixNote(opened.mix, "texts"));
  const report = openReport(values, {
    command: "classify",
    model,
    labels: classes,
  });
  const batch = { command: "classify", options: values, output, report };
  return await runBatch(rows, batch, async ({ query, name }) => {
    const ranking = await opened.rank(query.image);
    return { json: { ...ranking }, text: table(name, ranking.scores) };
  });
}

function checkValues(values: Values): void {
  const key = PROMPT_OPTIONS.find((name) => values[name] ?? false);
  if (key === undefined) return;
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new RookeryError(
    "usage",
    `Cannot use --${name} as a contrastive model reads no prompts: leave it ` +
      "out, or name a Flamingo",
  );
}
