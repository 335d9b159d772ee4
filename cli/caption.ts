/**
 * `caption`: what pictures show, one line each.
 *
 * @module
 */

import { buildShots, describe, describeOrders, orderReport } from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { drawnJson } from "./drawn_json.ts";
import { forEachPicture } from "./for_each_picture.ts";
import { MANY_OPTIONS, manyOf } from "./many_texts.ts";
import { manyText, oneLine } from "./many_text.ts";
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
export const captionCommand: Command = defineCommand({
  name: "caption",
  summary: "Say what pictures show, one line a picture",
  positional: {
    name: "IMAGE",
    help: "PNG, JPEG, WebP or GIF file",
    isList: true,
  },
  options: {
    ...EXAMPLE_OPTIONS,
    ...SAMPLER_OPTIONS,
    ...MANY_OPTIONS,
    json: { type: "flag", help: "Write one JSON object a picture" },
    ...STYLE_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: [
    "caption fox.png",
    "caption *.webp --shots examples.jsonl --json",
  ],
  async run({ positionals: paths, options }, output) {
    const samplerFor = samplerOf(options);
    const write = manyOf(options);
    const named = await namedExamples(options);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    const sampler = samplerFor(model);
    using examples = await openExamples(model, named, { output });
    return await forEachPicture(paths, output, async (image) => {
      const query = { image };
      const name = paths.length > 1 ? `${image}\t` : "";
      if (write) {
        const { shots = [], prefix } = await examples.of(query);
        const items = buildShots(model.style, shots, query);
        const settings = { maxTokens: 32, ...sampler, prefix };
        const texts = await write(model, items, settings);
        output.write(manyText(texts, { name, query, json: options.json }));
        return;
      }
      const { samples, ...caption } = await describe(
        model,
        query,
        { ...await examples.of(query), ...sampler },
      );
      const orders = options.orderReport === undefined
        ? undefined
        : orderReport(
          await describeOrders(model, query, {
            ...sampler,
            shots: await examples.shotsOf(query),
            permutations: options.orderReport,
          }),
        );
      if (options.json) {
        const { topLogprobs } = options;
        const drawn = drawnJson(samples, model.tokenizer, topLogprobs);
        const { caches } = model.engine;
        const line = { ...query, ...caption, ...drawn, orders, caches };
        output.write(`${JSON.stringify(line)}\n`);
        return;
      }
      output.write(`${name}${oneLine(caption.text)}\n`);
      if (orders) output.write(orderText(orders));
    });
  },
});
