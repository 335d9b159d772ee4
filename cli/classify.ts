/**
 * `classify`: labels ranked by how likely the model finds them.
 *
 * @module
 */

import { explainTask, RookeryError } from "../mod.ts";
import { openReport } from "./batch_report.ts";
import { classifyContrastive } from "./classify_contrastive.ts";
import {
  checkMethod,
  checkTemplate,
  METHOD_OPTIONS,
  openMethod,
} from "./classify_method.ts";
import { type Command, defineCommand } from "./command.ts";
import { readRows, ROWS_HELP } from "./batch_rows.ts";
import { BATCH_OPTIONS, runBatch } from "./run_batch.ts";
import { explanationJson, explanationText } from "./explanation_text.ts";
import { VIDEO_OPTIONS, videoOf } from "./video_options.ts";
import {
  checkEyes,
  locateModel,
  MODEL_OPTIONS,
  openModel,
  STYLE_OPTION,
} from "./model_options.ts";
import { badItem, readTextFile } from "./read_json_lines.ts";
import { orderText } from "./order_text.ts";
import {
  EXAMPLE_OPTIONS,
  namedExamples,
  openExamples,
} from "./prompt_examples.ts";
import { alignRows } from "./table.ts";

/** The command. */
export const classifyCommand: Command = defineCommand({
  name: "classify",
  summary: "Rank labels by how well they fit pictures",
  positional: {
    name: "IMAGE",
    help: ROWS_HELP,
    isList: true,
  },
  options: {
    labels: { type: "text", value: "A,B,C", help: "Labels, by commas" },
    labelsFile: {
      type: "text",
      value: "FILE",
      help: "Labels from a text file, one a line",
    },
    ...EXAMPLE_OPTIONS,
    ...METHOD_OPTIONS,
    ...VIDEO_OPTIONS,
    ...BATCH_OPTIONS,
    ...STYLE_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: [
    "classify fox.png --labels fox,dog,cat",
    "classify *.png --labels-file labels.txt --json",
    "classify new/*.png --demonstrations pictures --shots-per-class 8",
  ],
  async run({ positionals: words, options }, output) {
    const video = videoOf(options);
    checkMethod(options, options);
    const named = await namedExamples(options);
    const given = named.plan && !options.labels && !options.labelsFile
      ? undefined
      : await readLabels(options.labels, options.labelsFile);
    const rows = await readRows(words, { video });
    const located = await locateModel(options);
    if (located.config.kind === "contrastive") {
      const request = { located, values: options, labels: given };
      return await classifyContrastive(rows, request, {
        output,
        table: rankedTable,
      });
    }
    checkTemplate(options.labelTemplate);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    using examples = await openExamples(model, named, {
      output,
      task: "classify",
    });
    const labels = given ?? examples.demonstrations!.classes;
    const context = { options, labels, examples, output };
    const rank = await openMethod(model, context);
    const report = openReport(options, { command: "classify", model, labels });
    const batch = { command: "classify", options, output, report };
    return await runBatch(rows, batch, async ({ query, name }) => {
      const ranking = await rank(query);
      const orders = ranking.orders ? orderText(ranking.orders) : "";
      const { caches } = model.engine;
      const explanation = options.explain
        ? explanationJson(
          await explainTask(model, query, ranking.label, {
            ...await examples.of(query),
            task: query.question === undefined ? "classify" : undefined,
          }),
        )
        : undefined;
      return {
        json: { ...ranking, explanation, caches },
        text: rankedTable(name, ranking.scores) + orders +
          (explanation ? explanationText(explanation) : ""),
      };
    });
  },
});

/** Labels of `--labels` or `--labels-file`; throws a `usage` error. */
export async function readLabels(
  list: string | undefined,
  file: string | undefined,
): Promise<string[]> {
  if ((list === undefined) === (file === undefined)) {
    throw new RookeryError(
      "usage",
      "Cannot rank labels as " +
        (list === undefined ? "none are given" : "they are given twice") +
        ": use either --labels A,B,C or --labels-file FILE, or " +
        "--demonstrations DIR for its classes",
    );
  }
  const parts = list?.split(",") ??
    (await readTextFile(file!)).trimEnd().split("\n");
  const labels = parts.map((label) => label.trim());
  const empty = labels.indexOf("");
  if (file === undefined || empty < 0) return labels;
  throw badItem(`${file}:${empty + 1}`, "the label is empty: remove the line");
}

/** A picture's labels, best first, with mean log-likelihoods a token. */
function rankedTable(
  image: string,
  scores: Readonly<Record<string, number>>,
): string {
  const ranked = Object.entries(scores).sort(([, a], [, b]) => b - a);
  const rows = ranked.map(([label, score], i) => [
    `  ${i + 1}`,
    label,
    score.toFixed(3),
  ]);
  return [image, ...alignRows(rows, { right: [0, 2] }), ""].join("\n");
}
