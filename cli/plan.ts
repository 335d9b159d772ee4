/**
 * `plan`: what a model takes and does, before a weight is read.
 *
 * @module
 */

import {
  type Device,
  type ForwardPlan,
  measureForwardRates,
  type ModelOutline,
  outlineLayers,
  outlineModel,
  planModel,
  PLANNED_DTYPES,
  PLANNED_LAYOUTS,
  type PlannedDtype,
  predictForward,
  RookeryError,
} from "../mod.ts";
import { type Command, defineCommand, type OptionValues } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import {
  DEVICE_OPTIONS,
  MODEL_OPTIONS,
  openDevice,
  pluginsOf,
} from "./model_options.ts";
import { forwardText } from "./forward_text.ts";
import { planText } from "./plan_text.ts";
import { stackPicture } from "./stack_picture.ts";
import { writeTextFile } from "./write_text_file.ts";

const DEVICES = [...DEVICE_OPTIONS.device.choices, "none"] as const;

/** Options of the command. */
const OPTIONS = {
  svg: { type: "text", value: "FILE", help: "Draw the stack of layers" },
  compute: MODEL_OPTIONS.compute,
  plugin: MODEL_OPTIONS.plugin,
  device: {
    ...DEVICE_OPTIONS.device,
    help: "Device that is asked whether the model fits",
    choices: DEVICES,
  },
  deviceMemory: DEVICE_OPTIONS.deviceMemory,
  forward: {
    type: "text",
    value: "TxP",
    help: "Predict a forward pass of T tokens and P pictures, e.g. 8x2",
  },
  forwardDtype: {
    type: "text",
    value: "TYPE",
    help: "Precision of matrices in that forward pass",
    choices: PLANNED_DTYPES,
    default: "int4",
  },
  json: { type: "flag", help: "Write a JSON object" },
} as const;

/** The command. */
export const planCommand: Command = defineCommand({
  name: "plan",
  summary: "Count a model's parameters, bytes and work, without its weights",
  positional: {
    name: "MODEL",
    help: "Preset, config, Hugging Face folder or .gguf file",
  },
  options: OPTIONS,
  examples: [
    "plan openflamingo-3b",
    "plan flamingo-80b --json --device none",
    "plan idefics-9b --svg idefics.svg",
    "plan flamingo-80b --forward 8x2",
  ],
  async run({ positionals, options }, output) {
    const { json, svg, compute } = options;
    const plugins = await pluginsOf(options);
    const outline = await outlineModel(positionals[0]!, { plugins });
    using stack = new DisposableStack();
    const device = await deviceOf(options, stack);
    const activations = compute as "f32" | "f16";
    const plan = await planModel(outline, { device, activations });
    if (svg !== undefined) {
      const layers = outlineLayers(outline);
      await writeTextFile(svg, stackPicture({ plan, outline, layers }));
    }
    const forward = await forwardOf(options, outline, device);
    const text = forward === undefined ? "" : `${forwardText(forward)}\n`;
    output.write(
      json
        ? `${JSON.stringify({ ...plan, ...forward && { forward } })}\n`
        : planText(plan, namesOf(outline)) + text,
    );
    return EXIT.done;
  },
});

/** The forward pass that options ask for, predicted. */
async function forwardOf(
  { forward, forwardDtype }: OptionValues<typeof OPTIONS>,
  outline: ModelOutline,
  device: Device | { readonly absent: string },
): Promise<ForwardPlan | undefined> {
  if (forward === undefined) return undefined;
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(forward);
  if (!found || "absent" in device) {
    const rule = found
      ? "there is no device to predict it for: name one as --device"
      : "it is not TOKENSxPICTURES, e.g. 8x2";
    throw new RookeryError(
      "usage",
      `Cannot predict the forward pass "${forward}" as ${rule}`,
      { actual: forward },
    );
  }
  const dtype = forwardDtype as PlannedDtype;
  const rates = await measureForwardRates(device, PLANNED_LAYOUTS[dtype]);
  const [tokens, pictures] = [Number(found[1]), Number(found[2])];
  const { profile } = device;
  return predictForward(outline, { tokens, pictures, dtype, profile, rates });
}

/** The device that options name, for as long as `held`; or why there is none. */
async function deviceOf(
  options: OptionValues<typeof OPTIONS>,
  held: DisposableStack,
): Promise<Device | { readonly absent: string }> {
  if (options.device === "none") return { absent: "no device was asked" };
  try {
    const device: Device = await openDevice(options);
    return held.use(device);
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    return { absent: error.message };
  }
}

function namesOf({ parts }: ModelOutline): Record<string, string> {
  const { vision, resampler, crossAttention, language, text } = parts;
  const all = { vision, resampler, crossAttention, language, text };
  return Object.fromEntries(
    Object.entries(all).flatMap(([slot, built]) =>
      built === undefined ? [] : [[slot, built.part.name]]
    ),
  );
}
