/**
 * Options that say which model runs where, and the model that they open.
 *
 * @module
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  assemble,
  type AssembleProgress,
  builtinPlugins,
  Catalog,
  createDevice,
  type Device,
  type EncoderOptions,
  type EngineOptions,
  type Flamingo,
  locateConfig,
  type LocatedConfig,
  type Plugin,
  PRESET_NAMES,
  PROMPT_STYLES,
  type QuantizeProgress,
  readPromptStyle,
  RookeryError,
  WEIGHT_FORMATS,
  type WeightDtype,
} from "../mod.ts";
import type { Options, OptionValues, Output } from "./command.ts";
import { memoryText } from "./memory_text.ts";
import { createProgressWriter } from "./progress.ts";

/** Options of every command that uses a device. */
export const DEVICE_OPTIONS = {
  device: {
    type: "text",
    value: "NAME",
    help: "Where to run",
    choices: ["auto", "cpu", "high-performance", "low-power"],
    default: "auto",
  },
  deviceMemory: {
    type: "size",
    value: "SIZE",
    help: "Most memory that the device may use, e.g. 2GiB",
  },
  profile: {
    type: "profile",
    value: "FILE.json",
    help: "Write a Chrome trace of all work, and a table of it to stderr",
  },
} as const satisfies Options;

/** Options of every command that runs a model. */
export const MODEL_OPTIONS = {
  model: {
    type: "text",
    value: "PATH",
    help: "Config, preset, Hugging Face folder, .gguf file or hf:OWNER/NAME",
    default: PRESET_NAMES[0]!,
  },
  weights: {
    type: "text",
    value: "DIR",
    help: "Folder with the weights, used instead of the cache",
  },
  weightsAs: {
    type: "text",
    value: "TYPE",
    alias: "dtype",
    help: "Format that matrices are loaded in",
    choices: ["stored", ...WEIGHT_FORMATS],
    default: "stored",
  },
  compute: {
    type: "text",
    value: "TYPE",
    help: "How values between layers are kept",
    choices: ["f32", "f16"],
    default: "f32",
  },
  checkWeights: {
    type: "flag",
    help: "Look for NaN and infinity in weights while they are loaded",
  },
  streamLayers: {
    type: "flag",
    help: "Leave layers in their files and bring them when needed",
  },
  mediaCache: {
    type: "size",
    value: "SIZE",
    help: "Most memory of pictures kept for later, e.g. 256MiB",
  },
  memoryPlan: {
    type: "flag",
    help: "Tell on stderr what memory goes where, at first and at the end",
  },
  syntheticWeights: {
    type: "integer",
    value: "SEED",
    help: "Make up all weights from a seed, with no file",
  },
  plugin: {
    type: "texts",
    value: "FILE",
    help: "Module whose default export is a plugin, or makes one",
  },
  ...DEVICE_OPTIONS,
} as const satisfies Options;

/** The option of commands whose prompts have a style. */
export const STYLE_OPTION = {
  style: {
    type: "text",
    value: "STYLE",
    help: `Prompt style, ${
      Object.keys(PROMPT_STYLES).join(", ")
    } or a .json file (default the model's)`,
  },
} as const satisfies Options;

/** A model and the device it runs on; disposing it releases both. */
export interface OpenedModel extends Disposable {
  /** The model. */
  readonly model: Flamingo;
  /** Its device. */
  readonly device: Device;
  /** Seconds that opening took. */
  readonly seconds: { readonly device: number; readonly load: number };
}

/** Opens the device that options name; it profiles where they say so. */
export async function openDevice(
  { device: name, deviceMemory, profile }: DeviceValues,
): Promise<Device> {
  const device = await createDevice({
    device: name as "auto",
    ...(deviceMemory === undefined ? {} : { memoryBytes: deviceMemory }),
    profile: profile !== undefined,
  });
  try {
    await profile?.watch(device);
    return device;
  } catch (error) {
    device[Symbol.dispose]();
    throw error;
  }
}

/** Values of the device's options; commands that run nothing do not profile. */
type DeviceValues =
  & Pick<OptionValues<typeof DEVICE_OPTIONS>, "device" | "deviceMemory">
  & Partial<Pick<OptionValues<typeof DEVICE_OPTIONS>, "profile">>;

/** The config of the model that options name. */
export async function locateModel(
  values: OptionValues<typeof MODEL_OPTIONS>,
): Promise<LocatedConfig> {
  return await locateConfig(values.model, new Catalog(await pluginsOf(values)));
}

/** What options say about assembling, whatever the kind of the model. */
export async function assembleOptions(
  values: OptionValues<typeof MODEL_OPTIONS>,
  output: Output,
): Promise<Omit<EncoderOptions, "device">> {
  const { weights, weightsAs: dtype, checkWeights } = values;
  return {
    plugins: await pluginsOf(values),
    dtype: dtype as WeightDtype,
    checkWeights,
    ...(weights === undefined ? {} : { weightsDir: weights }),
    onProgress: progressTo(output),
  };
}

/** The built-in plugins and those that options name. */
export async function pluginsOf(
  { plugin }: Pick<OptionValues<typeof MODEL_OPTIONS>, "plugin">,
): Promise<Plugin[]> {
  return [...builtinPlugins(), ...await Promise.all(plugin.map(loadPlugin))];
}

/** Opens the model that options name; progress goes to the notes. */
export async function openModel(
  values:
    & OptionValues<typeof MODEL_OPTIONS>
    & Partial<OptionValues<typeof STYLE_OPTION>>,
  output: Output,
): Promise<OpenedModel> {
  const { style: named } = values;
  const style = named === undefined ? undefined : await readPromptStyle(named);
  using stack = new DisposableStack();
  const begin = performance.now();
  const device = stack.use(await openDevice(values));
  const opened = performance.now();
  const model = stack.use(
    await assemble(values.model, {
      device,
      ...await assembleOptions(values, output),
      engine: engineOptions(values),
      streamLayers: values.streamLayers,
      ...(style === undefined ? {} : { style }),
      ...(values.syntheticWeights === undefined
        ? {}
        : { synthetic: values.syntheticWeights }),
    }),
  );
  const { memoryPlan } = values;
  const tell = (when: string): void => {
    if (memoryPlan) output.note(memoryText(when, model.engine.memory()));
  };
  tell("at first");
  stack.defer(() => tell("at the end"));
  const held = stack.move();
  const seconds = {
    device: (opened - begin) / 1000,
    load: (performance.now() - opened) / 1000,
  };
  return { model, device, seconds, [Symbol.dispose]: () => held.dispose() };
}

/** What options say about the engine. */
function engineOptions(
  { compute, mediaCache }: OptionValues<typeof MODEL_OPTIONS>,
): EngineOptions {
  return {
    activations: compute as "f32" | "f16",
    ...(mediaCache === undefined ? {} : { mediaCacheBytes: mediaCache }),
  };
}

/** Writes reports of progress as notes; loading is one stage for all tensors. */
export function progressTo(
  output: Output,
): (progress: AssembleProgress | QuantizeProgress) => void {
  const show = createProgressWriter({ write: (text) => output.note(text) });
  return (progress) =>
    show(
      progress.stage === "load" || progress.stage === "write"
        ? { ...progress, name: "weights" }
        : progress,
    );
}

/** Refuses a model without eyes. */
export function checkEyes(model: Flamingo, path: string): void {
  if (model.image !== undefined) return;
  throw new RookeryError(
    "usage",
    `Cannot show pictures to ${path} as it is a language model without ` +
      "vision: name a Flamingo config, or use generate",
    { actual: path },
  );
}

async function loadPlugin(path: string): Promise<Plugin> {
  const { default: found } = await import(pathToFileURL(resolve(path)).href)
    .catch((cause) => {
      throw new RookeryError(
        "usage",
        `Cannot load plugin ${path} as ${cause.message}: check the path`,
        { path, cause },
      );
    });
  const plugin = typeof found === "function" ? found() : found;
  if (Array.isArray(plugin?.parts)) return plugin;
  throw new RookeryError(
    "usage",
    `Cannot use plugin ${path} as its default export is no plugin: export ` +
      "what definePlugin() gives, or a function that returns it",
    { path },
  );
}
