/**
 * `classify`: labels ranked by how likely the model finds them.
 *
 * @module
 */

import { classify, RookeryError } from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { forEachPicture } from "./for_each_picture.ts";
import { checkEyes, MODEL_OPTIONS, openModel } from "./model_options.ts";
import { readTextFile } from "./read_json_lines.ts";
import {
  checkPrefixOptions,
  openedPrefix,
  PREFIX_OPTIONS,
} from "./prefix_options.ts";
import { readShots, SHOTS_OPTION } from "./shots_file.ts";
import { alignRows } from "./table.ts";

/** The command. */
export const classifyCommand: Command = defineCommand({
  name: "classify",
  summary: "Rank labels by how well they fit pictures",
  positional: {
    name: "IMAGE",
    help: "PNG, JPEG, WebP or GIF file",
    isList: true,
  },
  options: {
    labels: { type: "text", value: "A,B,C", help: "Labels, by commas" },
    labelsFile: {
      type: "text",
      value: "FILE",
      help: "Labels from a text file, one a line",
    },
    ...SHOTS_OPTION,
    ...PREFIX_OPTIONS,
    json: { type: "flag", help: "Write one JSON object a picture" },
    ...MODEL_OPTIONS,
  },
  examples: [
    "classify fox.png --labels fox,dog,cat",
    "classify *.png --labels-file labels.txt --json",
  ],
  async run({ positionals: paths, options }, output) {
    const labels = await readLabels(options.labels, options.labelsFile);
    const shots = await readShots(options.shots);
    const request = { options, shots };
    checkPrefixOptions(request);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    using prefix = await openedPrefix(model, request);
    const own = prefix ? { prefix } : { shots };
    return await forEachPicture(paths, output, async (image) => {
      const ranking = await classify(model, { image }, labels, own);
      if (options.json) {
        const { caches } = model.engine;
        output.write(`${JSON.stringify({ image, ...ranking, caches })}\n`);
      } else output.write(rankedTable(image, ranking.scores));
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
        ": use either --labels A,B,C or --labels-file FILE",
    );
  }
  const parts = list?.split(",") ??
    (await readTextFile(file!)).trimEnd().split("\n");
  return parts.map((label) => label.trim());
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
