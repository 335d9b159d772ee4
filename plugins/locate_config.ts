/**
 * The config that a caller means, by whatever he names it.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { Catalog } from "./catalog.ts";
import type { GenerativeConfig, ModelConfig } from "./config.ts";
import { type LocatedConfig, readConfig } from "./read_config.ts";
import type { FetchOptions } from "./weights_cache/mod.ts";

/** The config of a preset, path or config; see `assemble`. */
export async function locateConfig(
  model: string | URL | LocatedConfig | ModelConfig,
  catalog: Catalog,
  base: string | URL = ".",
): Promise<LocatedConfig> {
  if (typeof model === "string" || model instanceof URL) {
    return await readConfig(model, catalog);
  }
  if ("config" in model) return model;
  return { config: model, path: model.name ?? model.kind, base };
}

/** The config of a model that generates text; others are refused. */
export function generative(
  located: LocatedConfig,
): LocatedConfig<GenerativeConfig> {
  const { config, path } = located;
  if (config.kind === "flamingo" || config.kind === "language") {
    return { ...located, config };
  }
  const way = config.kind === "vision"
    ? "assembleVision()"
    : "assembleContrastive()";
  throw new RookeryError(
    "config",
    `Cannot generate text with ${path} as it is a ${config.kind} model: use ` +
      `${way} or the logits command`,
    { path, actual: config.kind },
  );
}

/** Where weights entries of a config are looked for. */
export function sourceOptions(
  { base }: LocatedConfig,
  { weightsDir, cacheDir, onProgress }: Partial<FetchOptions>,
): FetchOptions {
  return {
    base,
    ...(weightsDir === undefined ? {} : { weightsDir }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}
