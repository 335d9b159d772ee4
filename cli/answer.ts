/**
 * `answer`: a question about a picture.
 *
 * @module
 */

import { buildShots, describe, describeOrders, orderReport } from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { EXIT } from "./exit_code.ts";
import { manyText } from "./many_text.ts";
import { MANY_OPTIONS, manyOf } from "./many_texts.ts";
import {
  checkEyes,
  MODEL_OPTIONS,
  openModel,
  STYLE_OPTION,
} from "./model_options.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";
import { orderText } from "./order_text.ts";
import {
  EXAMPLE_OPTIONS,
  namedExamples,
  openExamples,
} from "./prompt_examples.ts";

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
    ...EXAMPLE_OPTIONS,
    ...SAMPLER_OPTIONS,
    ...MANY_OPTIONS,
    json: { type: "flag", help: "Write a JSON object" },
    ...STYLE_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: ['answer fox.png --question "What is it?"'],
  async run({ positionals, options }, output) {
    const { question, topLogprobs } = options;
    const samplerFor = samplerOf(options);
    const write = manyOf(options);
    const [image] = positionals as [string];
    const named = await namedExamples(options);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    const context = { output, question };
    using examples = await openExamples(model, named, context);
    const query = { image, question };
    const sampler = samplerFor(model);
    const own = await examples.of(query);
    if (write) {
      const { shots = [], prefix } = own;
      const items = buildShots(model.style, shots, query);
      const settings = { maxTokens: 32, ...sampler, prefix };
      const texts = await write(model, items, settings);
      output.write(manyText(texts, { query, json: options.json }));
      return EXIT.done;
    }
    const { samples, ...answer } = await describe(
      model,
      query,
      { ...own, ...sampler },
    );
    const orders = options.orderReport === undefined ? undefined : orderReport(
      await describeOrders(model, query, {
        ...sampler,
        shots: await examples.shotsOf(query),
        permutations: options.orderReport,
      }),
    );
    const drawn = drawnJson(samples, model.tokenizer, topLogprobs);
    const { caches } = model.engine;
    const line = options.json
      ? JSON.stringify({ ...query, ...answer, ...drawn, orders, caches })
      : answer.text;
    output.write(`${line}\n`);
    if (orders && !options.json) output.write(orderText(orders));
    return EXIT.done;
  },
});
