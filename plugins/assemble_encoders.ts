/**
 * From a config to a model that generates no text: an encoder alone, or one
 * with its text twin.
 *
 * @module
 */

import type { DeviceWeight } from "../core/device.ts";
import { RookeryError } from "../core/errors.ts";
import { ContrastiveModel } from "../models/contrastive/contrastive.ts";
import { VisionModel } from "../models/vision/vision_model.ts";
import type { AssembleOptions } from "./assemble.ts";
import type { EncoderConfig } from "./build_encoder.ts";
import type { BuiltParts } from "./built_parts.ts";
import { builtinPlugins } from "./builtin_plugins.ts";
import { Catalog } from "./catalog.ts";
import { checkSections } from "./check_sections.ts";
import type { ModelConfig } from "./config.ts";
import { loadWeights, requestFor } from "./load_weights.ts";
import { locateConfig, sourceOptions } from "./locate_config.ts";
import { modelIdentity } from "./model_identity.ts";
import { OpenedSources } from "./opened_sources.ts";
import { prepareModel } from "./prepare_model.ts";
import type { LocatedConfig } from "./read_config.ts";

/** Options of `assembleVision` and `assembleContrastive`. */
export type EncoderOptions = Omit<
  AssembleOptions,
  "engine" | "streamLayers" | "synthetic"
>;

/**
 * A vision encoder from a config of kind `vision`, or a folder of one.
 *
 * @throws {RookeryError} as `assemble`
 */
export async function assembleVision(
  model: string | URL | LocatedConfig | ModelConfig,
  options: EncoderOptions,
): Promise<VisionModel> {
  const { parts, weights } = await loadEncoder(model, "vision", options);
  return new VisionModel({
    device: options.device,
    vision: parts.vision!.value,
    weights,
    image: parts.image!.value,
  });
}

/**
 * A vision encoder and its text twin from a config of kind `contrastive`, or a
 * folder of such a model.
 *
 * @throws {RookeryError} as `assemble`
 */
export async function assembleContrastive(
  model: string | URL | LocatedConfig | ModelConfig,
  options: EncoderOptions,
): Promise<ContrastiveModel> {
  const loaded = await loadEncoder(model, "contrastive", options);
  const { parts, weights, identity } = loaded;
  return new ContrastiveModel({
    device: options.device,
    vision: parts.vision!.value,
    text: parts.text!.value,
    weights,
    tokenizer: parts.tokenizer!,
    image: parts.image!.value,
    identity,
  });
}

/** Parts without a misfit, and their weights on the device. */
interface LoadedEncoder {
  readonly parts: BuiltParts;
  readonly weights: ReadonlyMap<string, DeviceWeight>;
  readonly identity: string;
}

async function loadEncoder(
  from: string | URL | LocatedConfig | ModelConfig,
  kind: EncoderConfig["kind"],
  options: EncoderOptions,
): Promise<LoadedEncoder> {
  const catalog = new Catalog(options.plugins ?? builtinPlugins());
  const located = await locateConfig(from, catalog, options.base);
  const { config, path } = located;
  if (config.kind !== kind) throw otherKind(path, kind, config.kind);
  checkSections(located, catalog);
  using sources = new OpenedSources(
    await catalog.readers(),
    sourceOptions(located, options),
  );
  const { weights: given = {}, initial } = options;
  const setup = { catalog, sources, given, initial };
  const { parts, matched } = await prepareModel(located, setup);
  const { device, dtype = "stored", checkWeights, onProgress } = options;
  const loading = { dtype, checkWeights, onProgress };
  const requests = matched.map((each) => requestFor(each, { dtype }));
  const { model: identity } = await modelIdentity(parts, matched, requests);
  const weights = await loadWeights(device, matched, loading);
  return { parts, weights, identity };
}

function otherKind(path: string, kind: string, actual: string): RookeryError {
  return new RookeryError(
    "config",
    `Cannot use ${path} as a ${kind} model as its config says "${actual}": ` +
      "use assemble() for models that generate text, assembleVision() for " +
      "encoders, assembleContrastive() for pairs of encoders",
    { path, expected: kind, actual },
  );
}
