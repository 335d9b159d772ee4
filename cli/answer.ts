/**
 * `answer`: a question about each picture.
 *
 * @module
 */

import { type BatchRow, readRows, ROWS_HELP } from "./batch_rows.ts";
import { type Command, defineCommand } from "./command.ts";
import { DESCRIBE_OPTIONS, describeRows } from "./describe_rows.ts";
import { badItem } from "./read_json_lines.ts";
import { VIDEO_OPTIONS, videoOf } from "./video_options.ts";

/** The command. */
export const answerCommand: Command = defineCommand({
  name: "answer",
  summary: "Answer a question about pictures",
  positional: { name: "IMAGE", help: ROWS_HELP, isList: true },
  options: {
    question: {
      type: "text",
      value: "Q",
      help: "The question of pictures whose list has no column question",
    },
    ...VIDEO_OPTIONS,
    ...DESCRIBE_OPTIONS,
  },
  examples: [
    'answer fox.png --question "What is it?"',
    "answer questions.csv --out answers.jsonl",
  ],
  async run({ positionals: words, options }, output) {
    const { question } = options;
    const video = videoOf(options);
    const rows = async () =>
      (await readRows(words, { question, video })).map(asked);
    const request = { command: "answer", options, rows, question };
    return await describeRows(request, output);
  },
});

/** A row with a question; without one it has an error. */
function asked(row: BatchRow): BatchRow {
  if (row.error || row.query.question?.trim()) return row;
  const reason = "it has no question: give --question, or a list with a " +
    "column question";
  return { ...row, error: badItem(row.place ?? row.name, reason) };
}
