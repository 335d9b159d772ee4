/**
 * `graph`: the programs that a model runs, as text, JSON or a picture, before
 * and after they are planned for a device.
 *
 * @module
 */

import {
  outlineGraphs,
  outlineModel,
  type ProgramGraph,
  RookeryError,
} from "../mod.ts";
import { type Command, defineCommand, type OptionValues } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { graphPicture } from "./graph_picture.ts";
import { graphText } from "./graph_text.ts";
import {
  DEVICE_OPTIONS,
  MODEL_OPTIONS,
  openDevice,
  pluginsOf,
} from "./model_options.ts";
import { writeTextFile } from "./write_text_file.ts";

/** Options of the command. */
const OPTIONS = {
  program: {
    type: "text",
    value: "NAME",
    help:
      "Only the program of one picture, of a chunk of text, or of one token",
    choices: ["image", "text", "decode"],
  },
  svg: { type: "text", value: "FILE", help: "Draw them into one picture" },
  text: { type: "flag", help: "Write text, also beside --svg" },
  json: { type: "flag", help: "Write a JSON object" },
  planned: {
    type: "flag",
    help: "Choose kernels and place buffers for the device",
  },
  weightsAs: {
    ...MODEL_OPTIONS.weightsAs,
    help: "How matrices lie on the device, for --planned",
    choices: ["f32", "f16", "q8_0", "q4_1"],
    default: "f32",
  },
  plugin: MODEL_OPTIONS.plugin,
  device: DEVICE_OPTIONS.device,
  deviceMemory: DEVICE_OPTIONS.deviceMemory,
} as const;

/** The command. */
export const graphCommand: Command = defineCommand({
  name: "graph",
  summary: "Show the programs that a model runs, without its weights",
  positional: {
    name: "MODEL",
    help: "Preset, config, Hugging Face folder or .gguf file",
  },
  options: OPTIONS,
  examples: [
    "graph openflamingo-3b --program decode",
    "graph rookery-small --planned --weights-as q4_1 --json",
    "graph flamingo-80b --svg flamingo.svg",
  ],
  async run({ positionals, options }, output) {
    const { svg, text, json } = options;
    const graphs = await graphsOf(positionals[0]!, options);
    const all = Object.values(graphs);
    if (svg !== undefined) {
      const title = positionals[0]!;
      await writeTextFile(svg, graphPicture(title, all));
    }
    if (json) output.write(`${JSON.stringify(graphs)}\n`);
    else if (text || svg === undefined) {
      output.write(all.map(graphText).join("\n"));
    }
    return EXIT.done;
  },
});

async function graphsOf(
  model: string,
  options: OptionValues<typeof OPTIONS>,
): Promise<Readonly<Record<string, ProgramGraph>>> {
  const plugins = await pluginsOf(options);
  const outline = await outlineModel(model, { plugins });
  using stack = new DisposableStack();
  const device = options.planned
    ? stack.use(await openDevice(options))
    : undefined;
  const graphs: Readonly<Record<string, ProgramGraph>> = outlineGraphs(
    outline,
    device && { profile: device.profile, layout: options.weightsAs },
  );
  const { program } = options;
  if (program === undefined) return graphs;
  const wanted = graphs[program];
  if (wanted !== undefined) return { [program]: wanted };
  const names = Object.keys(graphs);
  throw new RookeryError(
    "usage",
    `Cannot show the program "${program}" of ${model} as it has none: its ` +
      `programs are ${names.join(", ")}`,
    { expected: names, actual: program },
  );
}
