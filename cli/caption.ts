/**
 * `caption`: what pictures show, one line each.
 *
 * @module
 */

import { readRows, ROWS_HELP } from "./batch_rows.ts";
import { type Command, defineCommand } from "./command.ts";
import { DESCRIBE_OPTIONS, describeRows } from "./describe_rows.ts";
import { VIDEO_OPTIONS, videoOf } from "./video_options.ts";

/** The command. */
export const captionCommand: Command = defineCommand({
  name: "caption",
  summary: "Say what pictures show, one line a picture",
  positional: { name: "IMAGE", help: ROWS_HELP, isList: true },
  options: { ...VIDEO_OPTIONS, ...DESCRIBE_OPTIONS },
  examples: [
    "caption fox.png",
    "caption *.webp --shots examples.jsonl --json",
    "caption pictures --out captions.jsonl",
  ],
  async run({ positionals: words, options }, output) {
    const video = videoOf(options);
    const rows = () => readRows(words, { video });
    return await describeRows({ command: "caption", options, rows }, output);
  },
});
