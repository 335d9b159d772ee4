/**
 * What `caption` and `answer` have in common: a text about each picture.
 *
 * @module
 */

import {
  describe,
  describeOrders,
  explainTask,
  type Flamingo,
  orderReport,
  type SamplerSettings,
  taskPrompt,
} from "../mod.ts";
import { openReport } from "./batch_report.ts";
import type { BatchRow } from "./batch_rows.ts";
import type { OptionValues, Output } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { explanationJson, explanationText } from "./explanation_text.ts";
import { MANY_OPTIONS, manyOf, type WriteMany } from "./many_texts.ts";
import { oneLine } from "./many_text.ts";
import {
  checkEyes,
  MODEL_OPTIONS,
  openModel,
  STYLE_OPTION,
} from "./model_options.ts";
import { orderText } from "./order_text.ts";
import {
  EXAMPLE_OPTIONS,
  namedExamples,
  openExamples,
  type PromptExamples,
} from "./prompt_examples.ts";
import { BATCH_OPTIONS, type RowResult, runBatch } from "./run_batch.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";

/** Options of both commands. */
export const DESCRIBE_OPTIONS = {
  ...EXAMPLE_OPTIONS,
  ...SAMPLER_OPTIONS,
  ...MANY_OPTIONS,
  ...BATCH_OPTIONS,
  ...STYLE_OPTION,
  ...MODEL_OPTIONS,
} as const;

type Values = OptionValues<typeof DESCRIBE_OPTIONS>;

/** What is described. */
export interface DescribeRequest {
  /** Name of the command. */
  readonly command: string;
  /** The options. */
  readonly options: Values;
  /** Reads the rows, once the options are found to be right. */
  readonly rows: () => Promise<readonly BatchRow[]>;
  /** The question of all rows, where there is one. */
  readonly question?: string | undefined;
}

/** Describes every row; gives the exit code. */
export async function describeRows(
  { command, options, question, rows: read }: DescribeRequest,
  output: Output,
): Promise<number> {
  const samplerFor = samplerOf(options);
  const write = manyOf(options);
  const named = await namedExamples(options);
  const rows = await read();
  using opened = await openModel(options, output);
  const { model } = opened;
  checkEyes(model, options.model);
  const sampler = samplerFor(model);
  using examples = await openExamples(model, named, {
    output,
    ...(question === undefined ? {} : { question }),
  });
  const context = { model, options, examples, sampler };
  const report = openReport(options, { command, model });
  const batch = { command, options, output, report };
  return await runBatch(rows, batch, async (row) => {
    const name = rows.length > 1 ? `${row.name}\t` : "";
    return write
      ? await manyRow(row, write, { ...context, name })
      : await oneRow(row, { ...context, name });
  });
}

/** What rows are described with. */
interface RowContext {
  readonly model: Flamingo;
  readonly options: Values;
  readonly examples: PromptExamples;
  readonly sampler: SamplerSettings;
  /** What begins each line. */
  readonly name: string;
}

async function oneRow(
  { query }: BatchRow,
  { model, options, examples, sampler, name }: RowContext,
): Promise<RowResult> {
  const before = await examples.of(query);
  const own = { ...before, ...sampler };
  const { samples, ...caption } = await describe(model, query, own);
  const said = samples.length > 0
    ? samples.map(({ token }) => token)
    : caption.text;
  const explanation = options.explain && said.length > 0
    ? explanationJson(await explainTask(model, query, said, before))
    : undefined;
  const orders = options.orderReport === undefined ? undefined : orderReport(
    await describeOrders(model, query, {
      ...sampler,
      shots: await examples.shotsOf(query),
      permutations: options.orderReport,
    }),
  );
  const drawn = drawnJson(samples, model.tokenizer, options.topLogprobs);
  const { caches } = model.engine;
  return {
    json: { ...caption, ...drawn, orders, explanation, caches },
    text: `${name}${oneLine(caption.text)}\n` +
      (orders ? orderText(orders) : "") +
      (explanation ? explanationText(explanation) : ""),
  };
}

async function manyRow(
  { query }: BatchRow,
  write: WriteMany,
  { model, options, examples, sampler, name }: RowContext,
): Promise<RowResult> {
  const { shots = [], prefix, isTextOnly = false } = await examples.of(query);
  const { items, settings: usual } = taskPrompt({
    style: model.style,
    shots,
    query,
    isTextOnly,
  });
  const { beams: _, lengthPenalty: __, ...settings } = usual;
  const own = { maxTokens: 32, ...settings, ...sampler, prefix };
  const texts = (await write(model, items, own))
    .map((each) => ({ ...each, text: each.text.trim() }));
  const { text = "" } = texts[0] ?? {};
  const before = { shots, prefix, isTextOnly };
  const explanation = options.explain && text !== ""
    ? explanationJson(await explainTask(model, query, text, before))
    : undefined;
  return {
    json: { text, texts, explanation },
    text: texts.map(({ text }) => `${name}${oneLine(text)}\n`).join("") +
      (explanation ? explanationText(explanation) : ""),
  };
}
