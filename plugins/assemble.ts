/**
 * From a config to a model that runs: parts chosen and built, every fit
 * checked, weights brought to the device.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import { noted } from "../core/profile/profiler.ts";
import { Flamingo } from "../models/flamingo/flamingo.ts";
import type { PromptStyle } from "../models/flamingo/prompt_style.ts";
import { Engine } from "../models/generation/engine.ts";
import type { EngineOptions } from "../models/generation/engine_options.ts";
import { stackOf } from "./built_parts.ts";
import { builtinPlugins } from "./builtin_plugins.ts";
import { Catalog } from "./catalog.ts";
import { checkHasWeights } from "./check_has_weights.ts";
import { checkSections } from "./check_sections.ts";
import type { GenerativeConfig, ModelConfig } from "./config.ts";
import {
  type LoadProgress,
  loadWeights,
  requestFor,
  type WeightDtypes,
} from "./load_weights.ts";
import type { InitialWeight } from "./match_weights.ts";
import type { SlotTensors } from "./opened_bridge.ts";
import { modelIdentity } from "./model_identity.ts";
import { blockPrefixes, checkWeightMemory } from "./streamed_memory.ts";
import { LocalSources } from "./local_sources.ts";
import { OpenedSources } from "./opened_sources.ts";
import type { Plugin } from "./plugin.ts";
import { styleOf } from "./prompt_section.ts";
import { type PreparedModel, prepareModel } from "./prepare_model.ts";
import { generative, locateConfig, sourceOptions } from "./locate_config.ts";
import type { LocatedConfig } from "./read_config.ts";
import type { FetchProgress } from "./weights_cache/mod.ts";

/** One report while weights are fetched and loaded. */
export type AssembleProgress = FetchProgress | LoadProgress;

/** Options of `assemble`. */
export interface AssembleOptions {
  /** The device that the model will live on. */
  readonly device: Device;
  /** Plugins to choose parts from. Default `builtinPlugins()`. */
  readonly plugins?: readonly Plugin[];
  /** Texts around pictures, in place of the config's. */
  readonly style?: PromptStyle;
  /** Precision of matrices on the device. Default `"stored"`. */
  readonly dtype?: WeightDtypes;
  /**
   * Tensors by slot and by the names of the part's templates, used before
   * those of files.
   */
  readonly weights?: SlotTensors;
  /** Makes weights that are nowhere else, e.g. to train them from scratch. */
  readonly initial?: InitialWeight;
  /**
   * Whether weights are looked through for NaN and infinity while they are
   * loaded, which takes longer. Default false.
   */
  readonly checkWeights?: boolean;
  /** Folder of weights that is used instead of the cache. */
  readonly weightsDir?: string;
  /** Folder of the cache. Default: `ROOKERY_CACHE`, else the user's cache. */
  readonly cacheDir?: string;
  /** Folder of a plain config's relative paths. Default: the working folder. */
  readonly base?: string | URL;
  /** Sizes of caches, longest sequence, taps. */
  readonly engine?: EngineOptions;
  /**
   * Whether the weights of layers and gated blocks stay in their files and
   * come to the device block by block whenever they are needed: slow, and as
   * small as two of those blocks. The files stay open until the model is
   * disposed. The results are the same bits. Default false.
   */
  readonly streamLayers?: boolean;
  /**
   * Makes up all weights from this seed, on the device and from no file: for
   * trying the size and speed of a model whose weights are not at hand.
   * Matrices come in the precision of `dtype`, halves where that is `stored`.
   */
  readonly synthetic?: number;
  /** Receives reports of progress. */
  readonly onProgress?: (progress: AssembleProgress) => void;
}

/**
 * A model from a preset's name, a path (config file, GGUF file, Hugging Face
 * folder) or a config. Dispose it to release what it holds of the device.
 *
 * @throws {RookeryError} `config` or `weights` with every misfit of options,
 * sizes, token ids and tensors, before a weight is read; `file` for weights
 * that cannot be had; `memory` beyond the device's budget; `numeric`
 * for a weight that is no number, where `checkWeights` asks for it
 */
export async function assemble(
  model: string | URL | LocatedConfig | ModelConfig,
  options: AssembleOptions,
): Promise<Flamingo> {
  const catalog = new Catalog(options.plugins ?? builtinPlugins());
  const located = generative(await locateConfig(model, catalog, options.base));
  const { weights: given = {}, initial, synthetic } = options;
  if (synthetic === undefined) checkHasWeights(located, { given, initial });
  checkSections(located, catalog);
  using held = new DisposableStack();
  const where = sourceOptions(located, options);
  const sources = held.use(new OpenedSources(await catalog.readers(), where));
  const setup = synthetic === undefined
    ? { catalog, sources, given, initial }
    : {
      catalog,
      sources: new LocalSources(sources, { ...where, entries: "all" }),
      given,
      initial,
      synthetic: { seed: synthetic, dtype: options.dtype ?? "stored" },
    };
  const prepared = await noted(
    options.device.profiler,
    ["load", "open files and build parts"],
    () => prepareModel(located, setup),
  );
  const loaded = await loadModel(located, { ...prepared, sources }, options);
  if (options.streamLayers) held.move();
  return loaded;
}

async function loadModel(
  { config: { prompt }, path }: LocatedConfig<GenerativeConfig>,
  { parts, matched, sources }: PreparedModel & { sources: OpenedSources },
  options: AssembleOptions,
): Promise<Flamingo> {
  const { device, dtype = "stored", onProgress, engine = {} } = options;
  const { streamLayers: isStreamed = false, checkWeights } = options;
  const prefixes = blockPrefixes(stackOf(parts));
  const requests = matched.map((each) => requestFor(each, { dtype }));
  checkWeightMemory(device, requests, { prefixes, isStreamed, path });
  const identity = await modelIdentity(parts, matched, requests);
  const weights = await loadWeights(device, matched, {
    dtype,
    checkWeights,
    onProgress,
    streamed: isStreamed ? prefixes : [],
  });
  try {
    const image = parts.image?.value;
    return new Flamingo({
      device,
      engine: new Engine(device, stackOf(parts), weights, engine),
      weights,
      identity,
      tokenizer: parts.tokenizer!,
      style: options.style ?? styleOf(prompt),
      ...(image === undefined ? {} : { image }),
      stops: parts.stops,
      ...(parts.marks === undefined ? {} : { marks: parts.marks }),
      ...(isStreamed ? { held: sources } : {}),
    });
  } catch (error) {
    for (const weight of weights.values()) weight[Symbol.dispose]();
    throw error;
  }
}
