/**
 * `generate`: text after a prompt of text and pictures, as it comes.
 *
 * @module
 */

import {
  type GenerationTimes,
  type Media,
  type PromptItem,
  RookeryError,
  type Sample,
  shotItems,
} from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { EXIT } from "./exit_code.ts";
import { manyText } from "./many_text.ts";
import { MANY_OPTIONS, manyOf } from "./many_texts.ts";
import { MODEL_OPTIONS, openModel, STYLE_OPTION } from "./model_options.ts";
import { generateAll } from "./generate_all.ts";
import { readPrompt } from "./prompt_file.ts";
import { type PromptLine, readPrompts } from "./prompts_file.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";
import {
  checkPrefixOptions,
  openedPrefix,
  PREFIX_OPTIONS,
} from "./prefix_options.ts";
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
    prompts: {
      type: "text",
      value: "FILE",
      help: "JSON lines of prompts, run side by side; writes JSON lines",
    },
    ...SHOTS_OPTION,
    ...PREFIX_OPTIONS,
    ...SAMPLER_OPTIONS,
    ...MANY_OPTIONS,
    json: { type: "flag", help: "Write a JSON object as the last line" },
    ...STYLE_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: [
    'generate --text "The capital of France is" --max-tokens 8',
    "generate --prompt prompt.json --json",
    "generate --prompts prompts.jsonl --max-tokens 16",
    'generate --model model.gguf --text "Once upon a time"',
  ],
  async run({ options }, output) {
    const samplerFor = samplerOf(options);
    const write = manyOf(options);
    const source = await sourceOf(options);
    const shots = await readShots(options.shots);
    const request = { options, shots };
    checkPrefixOptions(request, true);
    using opened = await openModel(options, output);
    const { model } = opened;
    const settings = samplerFor(model);
    const before = shotItems(model.style, shots);
    if ("lines" in source) {
      if (write) throw notForMany();
      const lines = source.lines.map((line) =>
        "items" in line ? { ...line, items: [...before, ...line.items] } : line
      );
      return await generateAll(model, lines, settings, output);
    }
    using prefix = await openedPrefix(model, request, source.items);
    const items = [...before, ...source.items];
    // What was saved is the whole prompt, which ends where drawing begins.
    const after = options.prefix === undefined ? undefined : prefix;
    if (write) {
      const texts = await write(model, items, { ...settings, prefix: after });
      output.write(manyText(texts, { query: {}, json: options.json }));
      return EXIT.done;
    }
    const times: GenerationTimes = { prefill: 0, decode: 0 };
    let text = "";
    const samples: Sample[] = [];
    for await (
      const piece of model.generate(items, settings, {
        times,
        prefix: after,
      })
    ) {
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

function notForMany(): RookeryError {
  return new RookeryError(
    "usage",
    "Cannot use --beams or --samples with --prompts, whose lines have one " +
      "text each: give one prompt",
  );
}

/** What to go on from: one prompt, or the lines of a file. */
type Source =
  | { readonly items: readonly PromptItem<Media>[] }
  | { readonly lines: readonly PromptLine[] };

async function sourceOf({ prompt, text, prompts, prefix, savePrefix }: {
  readonly prompt: string | undefined;
  readonly text: string | undefined;
  readonly prompts: string | undefined;
  readonly prefix: string | undefined;
  readonly savePrefix: string | undefined;
}): Promise<Source> {
  const count = [prompt, text, prompts].filter((one) => one !== undefined);
  if (prompts !== undefined && (prefix ?? savePrefix) !== undefined) {
    throw new RookeryError(
      "usage",
      "Cannot use a prefix with --prompts: prompts that begin alike share what " +
        "they begin with as it is",
    );
  }
  if (count.length !== 1) {
    throw new RookeryError(
      "usage",
      `Cannot generate from ${count.length === 0 ? "no" : count.length} ` +
        "prompts: use either --prompt FILE, --text TEXT or --prompts FILE",
    );
  }
  if (prompts !== undefined) return { lines: await readPrompts(prompts) };
  if (prompt !== undefined) return { items: await readPrompt(prompt) };
  return { items: [{ text: text! }] };
}
