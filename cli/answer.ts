/**
 * `answer`: a question about a picture.
 *
 * @module
 */

import { buildShots, describe } from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { EXIT } from "./exit_code.ts";
import { manyText } from "./many_text.ts";
import { MANY_OPTIONS, manyOf } from "./many_texts.ts";
import { checkEyes, MODEL_OPTIONS, openModel } from "./model_options.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";
import {
  checkPrefixOptions,
  openedPrefix,
  PREFIX_OPTIONS,
} from "./prefix_options.ts";
import { readShots, SHOTS_OPTION } from "./shots_file.ts";

/** The command. */
export const answerCommand: Command = defineCommand({
  name: "answer",
  summary: "Answer a question about a picture",
  positional: { name: "IMAGE", help: "PNG, JPEG, WebP or GIF file" },
  options: {
    question: {
      type: "text",
      value: "Q",
      help: "The question",
      isRequired: true,
    },
    ...SHOTS_OPTION,
    ...PREFIX_OPTIONS,
    ...SAMPLER_OPTIONS,
    ...MANY_OPTIONS,
    json: { type: "flag", help: "Write a JSON object" },
    ...MODEL_OPTIONS,
  },
  examples: ['answer fox.png --question "What is it?"'],
  async run({ positionals, options }, output) {
    const { question, topLogprobs } = options;
    const samplerFor = samplerOf(options);
    const write = manyOf(options);
    const [image] = positionals as [string];
    const shots = await readShots(options.shots);
    const request = { options, shots };
    checkPrefixOptions(request);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    using prefix = await openedPrefix(model, request);
    const query = { image, question };
    if (write) {
      const items = buildShots(model.style, prefix ? [] : shots, query);
      const settings = { maxTokens: 32, ...samplerFor(model), prefix };
      const texts = await write(model, items, settings);
      output.write(manyText(texts, { query, json: options.json }));
      return EXIT.done;
    }
    const { samples, ...answer } = await describe(
      model,
      query,
      { ...(prefix ? { prefix } : { shots }), ...samplerFor(model) },
    );
    const drawn = drawnJson(samples, model.tokenizer, topLogprobs);
    const { caches } = model.engine;
    const line = options.json
      ? JSON.stringify({ ...query, ...answer, ...drawn, caches })
      : answer.text;
    output.write(`${line}\n`);
    return EXIT.done;
  },
});
