/**
 * `logits`: the door through which other implementations are compared. Token
 * ids in, logits out, both as safetensors.
 *
 * @module
 */

import { readSafetensors, writeSafetensors } from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { readLogitsInputs } from "./logits_inputs.ts";
import { computeLogits } from "./logits_outputs.ts";
import { MODEL_OPTIONS, openModel } from "./model_options.ts";

/** The command. */
export const logitsCommand: Command = defineCommand({
  name: "logits",
  summary: "Compute the logits of given token ids and pixels",
  options: {
    ...MODEL_OPTIONS,
    inputs: {
      type: "text",
      value: "FILE",
      help: "Safetensors: input_ids [b,l], attention_mask [b,l], " +
        "pixel_values [b,t,3,h,w]",
      isRequired: true,
    },
    out: {
      type: "text",
      value: "FILE",
      help: "Safetensors to write: logits, vision_features, latents",
      isRequired: true,
    },
    json: { type: "flag", help: "Write the outputs' shapes as JSON" },
  },
  examples: [
    "logits --model model.gguf --inputs in.safetensors --out out.safetensors " +
    "--dtype f32",
  ],
  async run({ options }, output) {
    const inputs = readLogitsInputs(
      await readSafetensors(options.inputs),
      options.inputs,
    );
    using opened = await openModel(options, output);
    const tensors = await computeLogits(opened.model, inputs);
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
