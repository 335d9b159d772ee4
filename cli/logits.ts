/**
 * `logits`: the door through which other implementations are compared. Token
 * ids in, logits out, both as safetensors.
 *
 * @module
 */

import {
  readSafetensors,
  type TensorToWrite,
  writeSafetensors,
} from "../mod.ts";
import {
  type Command,
  defineCommand,
  type Options,
  type OptionValues,
  type Output,
} from "./command.ts";
import { encoderLogits } from "./encoder_logits.ts";
import { EXIT } from "./exit_code.ts";
import { readLogitsInputs } from "./logits_inputs.ts";
import { computeLogits } from "./logits_outputs.ts";
import { locateModel, MODEL_OPTIONS, openModel } from "./model_options.ts";

const OPTIONS = {
  ...MODEL_OPTIONS,
  inputs: {
    type: "text",
    value: "FILE",
    help: "Safetensors: input_ids [b,l], attention_mask [b,l], " +
      "pixel_values [b,t,3,h,w], [b,t,f,3,h,w] or, for encoders, [b,3,h,w]",
    isRequired: true,
  },
  out: {
    type: "text",
    value: "FILE",
    help: "Safetensors to write: logits, vision_features, latents; " +
      "last_hidden_state; image_embeds, text_embeds, logits_per_image",
    isRequired: true,
  },
  json: { type: "flag", help: "Write the outputs' shapes as JSON" },
} as const satisfies Options;

/** The command. */
export const logitsCommand: Command = defineCommand({
  name: "logits",
  summary: "Compute logits and features of given token ids and pixels",
  options: OPTIONS,
  examples: [
    "logits --model model.gguf --inputs in.safetensors --out out.safetensors " +
    "--dtype f32",
  ],
  async run({ options }, output) {
    const tensors = await computeTensors(options, output);
    await writeSafetensors(options.out, tensors);
    const shapes = Object.fromEntries(
      tensors.map(({ name, shape }) => [name, shape]),
    );
    output.write(
      options.json
        ? `${JSON.stringify({ out: options.out, shapes })}\n`
        : tensors.map(({ name, shape }) => `${name} [${shape.join(", ")}]\n`)
          .join(""),
    );
    return EXIT.done;
  },
});

async function computeTensors(
  options: OptionValues<typeof OPTIONS>,
  output: Output,
): Promise<TensorToWrite[]> {
  const path = options.inputs;
  const tensors = await readSafetensors(path);
  const located = await locateModel(options);
  const { kind } = located.config;
  if (kind === "vision" || kind === "contrastive") {
    const inputs = { tensors, path };
    return await encoderLogits(located, inputs, { values: options, output });
  }
  const inputs = readLogitsInputs(tensors, path);
  using opened = await openModel(options, output);
  return await computeLogits(opened.model, inputs);
}
