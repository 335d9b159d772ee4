/**
 * A model in outline: its parts built from what the config and the headers of
 * local files say, without weights and without a device.
 *
 * @module
 */

import { basename } from "node:path";
import { buildNetwork } from "./build_parts.ts";
import type { BuiltParts } from "./built_parts.ts";
import { builtinPlugins } from "./builtin_plugins.ts";
import { Catalog } from "./catalog.ts";
import { checkFit } from "./check_fit.ts";
import type {
  ContrastiveModelConfig,
  ModelConfig,
  TrainedSlot,
  VisionModelConfig,
} from "./config.ts";
import { LocalSources, type LocalSourcesOptions } from "./local_sources.ts";
import { locateConfig, sourceOptions } from "./locate_config.ts";
import { Misfits } from "./misfits.ts";
import { openBridge, overridesOf } from "./opened_bridge.ts";
import { OpenedSources } from "./opened_sources.ts";
import { PartBuilder } from "./part_builder.ts";
import type { Plugin } from "./plugin.ts";
import type { LocatedConfig } from "./read_config.ts";

/** Options of `outlineModel`. */
export interface OutlineOptions {
  /** Plugins to choose parts from. Default `builtinPlugins()`. */
  readonly plugins?: readonly Plugin[];
  /** Folder of weights that is looked at instead of the cache. */
  readonly weightsDir?: string;
  /** Folder of the cache. Default: `ROOKERY_CACHE`, else the user's cache. */
  readonly cacheDir?: string;
  /** Folder of a plain config's relative paths. Default: the working folder. */
  readonly base?: string | URL;
}

/** A model in outline. */
export interface ModelOutline {
  /** The config's name, else that of its file or folder. */
  readonly name: string;
  /** See `LanguageModelConfig.note`. */
  readonly note: string | undefined;
  /** What it is. */
  readonly kind: ModelConfig["kind"];
  /** Its parts that have weights; those that its kind lacks are undefined. */
  readonly parts: BuiltParts;
  /** Slots whose parts were trained for this model. */
  readonly trained: readonly TrainedSlot[];
}

/** What is trained where a config says nothing. */
const USUALLY_TRAINED: readonly TrainedSlot[] = ["resampler", "crossAttention"];

/**
 * The outline of a model, by whatever `assemble` takes. Nothing is fetched.
 * Files that the config names by their paths are opened for their headers; those
 * that came from packages or from the hub only where sizes are nowhere else.
 *
 * @throws {RookeryError} `config` with every misfit of options and sizes
 */
export async function outlineModel(
  model: string | URL | LocatedConfig | ModelConfig,
  options: OutlineOptions = {},
): Promise<ModelOutline> {
  const catalog = new Catalog(options.plugins ?? builtinPlugins());
  const located = await locateConfig(model, catalog, options.base);
  const found = await outlineWith("paths", located, { catalog, options });
  const { parts, misfits } = found.misfits.count === 0
    ? found
    : await outlineWith("all", located, { catalog, options });
  misfits.throwIfAny("config", `outline ${located.path}`);
  const { config, path } = located;
  const note = "note" in config ? config.note : undefined;
  const trained = config.kind === "flamingo"
    ? config.trained ?? USUALLY_TRAINED
    : [];
  const { kind, name = basename(path, ".json") } = config;
  return { name, note, kind, parts, trained };
}

/** What outlines are made with. */
interface OutlineSetup {
  readonly catalog: Catalog;
  readonly options: OutlineOptions;
}

async function outlineWith(
  entries: LocalSourcesOptions["entries"],
  located: LocatedConfig,
  { catalog, options }: OutlineSetup,
): Promise<{ parts: BuiltParts; misfits: Misfits }> {
  const where = sourceOptions(located, options);
  using opened = new OpenedSources(await catalog.readers(), where);
  const sources = new LocalSources(opened, { ...where, entries });
  const misfits = new Misfits();
  const builder = new PartBuilder(catalog, sources, misfits);
  const { config } = located;
  if (config.kind === "vision" || config.kind === "contrastive") {
    const parts = { ...NO_PARTS, ...await buildEncoders(config, builder) };
    checkFit(parts, misfits);
    return { parts, misfits };
  }
  const bridge = config.kind === "flamingo" && config.bridge
    ? await openBridge(config.bridge, { catalog, sources }, misfits)
    : undefined;
  const overrides = overridesOf(bridge, {});
  const network = await buildNetwork(config, { builder, overrides });
  const parts = { ...NO_PARTS, ...network };
  checkFit(parts, misfits);
  return { parts, misfits };
}

const NO_PARTS: BuiltParts = {
  language: undefined,
  vision: undefined,
  resampler: undefined,
  crossAttention: undefined,
  image: undefined,
  text: undefined,
  tokenizer: undefined,
  marks: undefined,
  stops: [],
};

async function buildEncoders(
  config: VisionModelConfig | ContrastiveModelConfig,
  builder: PartBuilder,
): Promise<Pick<BuiltParts, "vision" | "text">> {
  const vision = await builder.build({
    slot: "vision",
    part: await builder.find("vision", config.vision.part),
    options: config.vision.options,
    entry: config.vision.weights,
    neighbours: {},
  });
  if (config.kind === "vision") return { vision };
  const text = await builder.build({
    slot: "text",
    part: await builder.find("text", config.text.part),
    options: config.text.options,
    entry: config.text.weights,
    neighbours: vision && { vision: vision.value },
  });
  return { vision, text };
}
