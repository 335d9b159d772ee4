/**
 * `generate`: text after a prompt of text and pictures, as it comes.
 *
 * @module
 */

import {
  buildShots,
  type Flamingo,
  type GenerationTimes,
  type Media,
  type PromptItem,
  RookeryError,
  type Sample,
} from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { EXIT } from "./exit_code.ts";
import { MODEL_OPTIONS, openModel } from "./model_options.ts";
import { readPrompt } from "./prompt_file.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";
import { readShots, SHOTS_OPTION } from "./shots_file.ts";

/** The command. */
export const generateCommand: Command = defineCommand({
  name: "generate",
  summary: "Go on from a prompt of text and pictures",
  options: {
    prompt: {
      type: "text",
      value: "FILE",
      help: 'JSON list of {"image"}, {"text"} and {"endOfChunk":true}',
    },
    text: { type: "text", value: "TEXT", help: "A prompt of text only" },
    ...SHOTS_OPTION,
    ...SAMPLER_OPTIONS,
    json: { type: "flag", help: "Write a JSON object as the last line" },
    ...MODEL_OPTIONS,
  },
  examples: [
    'generate --text "The capital of France is" --max-tokens 8',
    "generate --prompt prompt.json --json",
    'generate --model model.gguf --text "Once upon a time"',
  ],
  async run({ options }, output) {
    const samplerFor = samplerOf(options);
    const prompt = await promptOf(options.prompt, options.text);
    const shots = await readShots(options.shots);
    using opened = await openModel(options, output);
    const { model } = opened;
    const settings = samplerFor(model);
    const items = [...shotItems(model, shots), ...prompt];
    const times: GenerationTimes = { prefill: 0, decode: 0 };
    let text = "";
    const samples: Sample[] = [];
    for await (const piece of model.generate(items, settings, { times })) {
      output.write(piece.text);
      text += piece.text;
      samples.push(...piece.samples);
    }
    output.write("\n");
    if (options.json) {
      const { topLogprobs } = options;
      const drawn = drawnJson(samples, model.tokenizer, topLogprobs);
      const { caches } = model.engine;
      const line = {
        text,
        tokens: samples.length,
        ms: times,
        ...drawn,
        caches,
      };
      output.write(`${JSON.stringify(line)}\n`);
    }
    return EXIT.done;
  },
});

async function promptOf(
  file: string | undefined,
  text: string | undefined,
): Promise<PromptItem<Media>[]> {
  if ((file === undefined) === (text === undefined)) {
    throw new RookeryError(
      "usage",
      `Cannot generate from ${
        file === undefined ? "no prompt" : "two prompts"
      }` +
        ": use either --prompt FILE or --text TEXT",
    );
  }
  return file === undefined ? [{ text: text! }] : await readPrompt(file);
}

/** Items of a shot: a picture, its text, the end of its chunk. */
const ITEMS_A_SHOT = 3;

/** Shots as prompt items, in the style that the model was trained with. */
function shotItems(
  { style }: Flamingo,
  shots: Parameters<typeof buildShots>[1],
): PromptItem<Media>[] {
  // The query of `buildShots` comes last; the prompt takes its place.
  return buildShots(style, shots, { image: "" })
    .slice(0, ITEMS_A_SHOT * shots.length);
}
