/**
 * `eval`: how good the model is, and whether it computes what PyTorch does.
 *
 * @module
 */

import { join } from "node:path";
import { checkParity } from "../evaluation/check_parity.ts";
import {
  evaluateBridge,
  type SectionName,
  SECTIONS,
} from "../evaluation/evaluate_bridge.ts";
import { fingerprint, openSubject } from "../evaluation/open_subject.ts";
import { fetchPictures } from "../evaluation/picture_store.ts";
import { markdownTable, writeResults } from "../evaluation/results_table.ts";
import { readTestLists } from "../evaluation/test_lists.ts";
import { DATASET_NAMES, readConfig, RookeryError } from "../mod.ts";
import { REPORT_OPTIONS } from "./batch_report.ts";
import {
  type Command,
  defineCommand,
  type OptionValues,
  type Output,
} from "./command.ts";
import { evaluateGrounding } from "./eval_grounding.ts";
import { evaluateDataset, repeatEvaluation } from "./eval_task.ts";
import { MODEL_OPTIONS, openDevice, progressTo } from "./model_options.ts";

const RESULTS = new URL("../docs/evaluation.md", import.meta.url);

const OPTIONS = {
  only: {
    type: "text",
    value: "PART",
    help: "One part of the tests; all if left out",
    choices: SECTIONS,
  },
  limit: {
    type: "integer",
    value: "N",
    help: "Only N queries of every list, without nearest neighbours",
  },
  out: {
    type: "text",
    value: "DIR",
    help: "Folder of the answers; a second run goes on with them",
    default: "evaluation_output",
  },
  data: {
    type: "text",
    value: "DIR",
    help: "Folder of a published dataset",
  },
  shotCounts: {
    type: "text",
    value: "N,N",
    help: "Numbers of examples before a query of a dataset",
    default: "0,4,8,16,32",
  },
  seeds: {
    type: "integer",
    value: "N",
    help: "How many seeds, each with its own queries and examples",
    default: 3,
  },
  from: {
    type: "text",
    value: "FILE",
    help: "With repeat: results that are to come out again",
  },
  report: REPORT_OPTIONS.report,
  json: { type: "flag", help: "Write the rows as JSON" },
  ...MODEL_OPTIONS,
} as const;

/** The command. */
export const evalCommand: Command = defineCommand({
  name: "eval",
  summary:
    "Measure a model on published datasets or on the project's test lists",
  positional: {
    name: "WHAT",
    help: "bridge for the test lists, parity for a comparison with PyTorch, " +
      "grounding for the score that marks unsupported words, repeat for a run " +
      `from its file, or a dataset: ${DATASET_NAMES.join(", ")}`,
  },
  options: OPTIONS,
  examples: [
    "eval bridge",
    "eval bridge --only questions --limit 20",
    "eval parity --limit 24",
    "eval grounding --limit 100",
    "eval vqav2 --data vqav2 --shot-counts 0,4,8,16,32 --seeds 3",
    "eval repeat --from evaluation_output/vqav2.json",
  ],
  async run({ positionals: [what], options }, output) {
    checkArguments(what, options);
    if (what === "parity") return await compare(options, output);
    if (what === "grounding") return await evaluateGrounding(options, output);
    if (what === "repeat") return await repeatEvaluation(options, output);
    if (what !== "bridge") return await evaluateDataset(what!, options, output);
    await evaluate(options, output);
    return 0;
  },
});

function checkArguments(
  what: string | undefined,
  { limit, model, only }: OptionValues<typeof OPTIONS>,
): void {
  const known = ["bridge", "parity", "grounding", "repeat", ...DATASET_NAMES];
  if (what === undefined || !known.includes(what)) {
    throw new RookeryError(
      "usage",
      `Cannot evaluate "${what}": known are ${known.join(", ")}`,
      { expected: known, actual: what },
    );
  }
  const isDefault = model === MODEL_OPTIONS.model.default;
  if (what === "parity" && (!isDefault || only !== undefined)) {
    throw new RookeryError(
      "usage",
      `Cannot use --${only === undefined ? "model" : "only"} with parity: ` +
        "it compares the default model as a whole",
    );
  }
  if (limit !== undefined && limit < 1) {
    throw new RookeryError(
      "usage",
      `Cannot use --limit ${limit}: it must be at least 1`,
      { actual: limit },
    );
  }
}

/** Fails where values differ by 1e-3 of their range, or 2 % of captions. */
async function compare(
  options: OptionValues<typeof OPTIONS>,
  output: Output,
): Promise<number> {
  using device = await openDevice(options);
  let isGood = true;
  for (const dtype of ["f32", "stored"] as const) {
    const { limit, weights } = options;
    const report = await checkParity(device, {
      dtype,
      ...(limit === undefined ? {} : { limit }),
      ...(weights === undefined ? {} : { weightsDir: weights }),
    });
    const { differences, pictures, captions } = report;
    isGood &&= captions.length <= 0.02 * pictures &&
      Object.values(differences).every((value) => value <= 1e-3);
    const stages = Object.entries(differences)
      .map(([stage, value]) => `${stage} ${value.toExponential(1)}`);
    output.write(
      options.json
        ? `${JSON.stringify({ dtype, ...report })}\n`
        : `${dtype}: ${stages.join(", ")} of their range; ` +
          `${pictures - captions.length} of ${pictures} captions equal\n`,
    );
  }
  return isGood ? 0 : 1;
}

async function evaluate(
  options: OptionValues<typeof OPTIONS>,
  output: Output,
): Promise<void> {
  const { only, limit, out, json } = options;
  const write = (text: string) => output.note(text);
  const lists = await readTestLists();
  const pictures = await fetchPictures(lists.packages, {
    onProgress: progressTo(output),
  });
  const located = await readConfig(options.model);
  const run = await fingerprint(located, lists.fingerprintText);
  using device = await openDevice(options);
  const { weights } = options;
  using model = await openSubject(located, {
    device,
    ...(weights === undefined ? {} : { weightsDir: weights }),
    onProgress: progressTo(output),
  });
  const { rows, isComplete } = await evaluateBridge(model, {
    lists,
    pictures,
    folder: join(out, run),
    onProgress: (line) => write(`${line}\n`),
    ...(only === undefined ? {} : { only: only as SectionName }),
    ...(limit === undefined ? {} : { limit }),
  });
  const table = markdownTable(rows);
  output.write(json ? `${JSON.stringify({ isComplete, rows })}\n` : table);
  if (isComplete && options.model === MODEL_OPTIONS.model.default) {
    await writeResults(RESULTS, table);
    write("Wrote docs/evaluation.md\n");
  } else {
    write(
      "docs/evaluation.md stays as it is: not all tests of the default model were run\n",
    );
  }
}
