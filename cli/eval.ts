/**
 * `eval`: how good the model is, and whether it computes what PyTorch does.
 *
 * @module
 */

import { join } from "node:path";
import {
  evaluateBridge,
  type SectionName,
  SECTIONS,
} from "../evaluation/evaluate_bridge.ts";
import {
  fingerprint,
  type OpenedSubject,
  openSubject,
} from "../evaluation/open_subject.ts";
import { fetchPictures } from "../evaluation/picture_store.ts";
import { markdownTable, writeResults } from "../evaluation/results_table.ts";
import { readTestLists } from "../evaluation/test_lists.ts";
import { readConfig, RookeryError } from "../mod.ts";
import {
  type Command,
  defineCommand,
  type OptionValues,
  type Output,
} from "./command.ts";
import {
  DEVICE_OPTIONS,
  MODEL_OPTIONS,
  openDevice,
  progressTo,
} from "./model_options.ts";

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
    help: "Only the first N queries of every list, without nearest neighbours",
  },
  out: {
    type: "text",
    value: "DIR",
    help: "Folder of the answers; a second run goes on with them",
    default: "evaluation_output",
  },
  json: { type: "flag", help: "Write the rows as JSON" },
  model: MODEL_OPTIONS.model,
  weights: MODEL_OPTIONS.weights,
  ...DEVICE_OPTIONS,
} as const;

/** The command. */
export const evalCommand: Command = defineCommand({
  name: "eval",
  summary: "Measure the bridge on its test lists, with baselines",
  positional: { name: "WHAT", help: "bridge" },
  options: OPTIONS,
  examples: [
    "eval bridge",
    "eval bridge --only questions --limit 20",
  ],
  async run({ positionals: [what], options }, output) {
    checkArguments(what, options);
    await evaluate(options, output);
    return 0;
  },
});

function checkArguments(
  what: string | undefined,
  { limit }: OptionValues<typeof OPTIONS>,
): void {
  if (what !== "bridge") {
    throw new RookeryError(
      "usage",
      `Cannot evaluate "${what}": what can be evaluated is bridge`,
      { expected: "bridge", actual: what },
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
  using opened = await open(located, options, output);
  const { rows, isComplete } = await evaluateBridge(opened.model, {
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

async function open(
  located: Awaited<ReturnType<typeof readConfig>>,
  options: OptionValues<typeof OPTIONS>,
  output: Output,
): Promise<OpenedSubject> {
  using stack = new DisposableStack();
  const device = stack.use(await openDevice(options));
  const { weights } = options;
  const opened = stack.use(
    await openSubject(located, {
      device,
      ...(weights === undefined ? {} : { weightsDir: weights }),
      onProgress: progressTo(output),
    }),
  );
  const held = stack.move();
  return { model: opened.model, [Symbol.dispose]: () => held.dispose() };
}
