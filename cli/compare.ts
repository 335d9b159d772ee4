/**
 * `compare`: prompt or train, on one's own labels?
 *
 * @module
 */

import { estimateMean } from "../mod.ts";
import {
  compareMethods,
  flamingoEncoder,
  readClassFolder,
  writeReport,
} from "../mod.ts";
import { REPORT_OPTIONS } from "./batch_report.ts";
import { type Command, defineCommand } from "./command.ts";
import { countsOf } from "./counts_of.ts";
import { comparedReport } from "./compared_report.ts";
import { comparedText, verdictsOf } from "./compared_text.ts";
import { indexPool } from "./demonstrations.ts";
import { EXIT } from "./exit_code.ts";
import { checkEyes, MODEL_OPTIONS, openModel } from "./model_options.ts";

/** The command. */
export const compareCommand: Command = defineCommand({
  name: "compare",
  summary: "Prompt or train? Few-shot prompts against a small trained head",
  options: {
    data: {
      type: "text",
      value: "DIR",
      help: "Folder of classes, each a folder of pictures",
      isRequired: true,
    },
    labelCounts: {
      type: "text",
      value: "N,N",
      help: "Labels that each method may learn from",
      default: "10,50,100,200",
    },
    shotCount: {
      type: "integer",
      value: "N",
      help: "Most examples of a prompt, the nearest of those labels",
      default: 8,
    },
    queries: {
      type: "integer",
      value: "N",
      help: "Most pictures that are asked about, at most half of each class",
      default: 200,
    },
    seed: {
      type: "integer",
      value: "N",
      help: "Seed of the split into both",
      default: 0,
    },
    json: { type: "flag", help: "Write a JSON object with every answer" },
    report: REPORT_OPTIONS.report,
    ...MODEL_OPTIONS,
  },
  examples: ["compare --data pictures", "compare --data pictures --json"],
  async run({ options }, output) {
    const labelCounts = countsOf("label-counts", options.labelCounts, 2);
    const files = await readClassFolder(options.data);
    using opened = await openModel(options, output);
    const { model, device } = opened;
    checkEyes(model, options.model);
    const { pool, vectors } = await indexPool(
      flamingoEncoder(model),
      options.data,
      { pool: files, output },
    );
    const { shotCount: shots, queries, seed } = options;
    const compared = await compareMethods(model, { pool, vectors }, {
      labelCounts,
      shots,
      queries,
      seed,
      onProgress({ method, labels, done, queries }) {
        if (done < queries || method === "most frequent") return;
        output.note(`${method} with ${labels} labels: ${done} answers\n`);
      },
    });
    const rows = compared.rows.map((row) => ({
      ...row,
      accuracy: estimateMean(row.right),
    }));
    const failed = files.length - pool.length;
    if (options.report !== undefined) {
      const facts = `${options.model} on ${device.profile.name}`;
      const report = comparedReport(compared, rows, { pool, facts });
      await writeReport(options.report, report, { image: model.image });
      output.note(`wrote ${options.report}\n`);
    }
    if (options.json) {
      const { truth, classes, training, encodeSeconds } = compared;
      const images = compared.queries.map((place) => pool[place]!.image);
      const facts = { model: options.model, device: device.profile.name };
      const { model: identity } = model.identity ?? {};
      const line = {
        ...facts,
        identity,
        data: options.data,
        seed,
        shots,
        classes,
        training: training.map((place) => pool[place]!.image),
        queries: images,
        truth,
        encodeSeconds,
        failed,
        rows,
        verdicts: verdictsOf(rows),
      };
      output.write(`${JSON.stringify(line)}\n`);
    } else output.write(comparedText(compared, rows));
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
});
