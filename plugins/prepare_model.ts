/**
 * What a model will be, before a weight is read: parts built, every fit checked,
 * a tensor found for each weight.
 *
 * @module
 */

import { buildEncoder } from "./build_encoder.ts";
import { buildParts, type BuildSetup } from "./build_parts.ts";
import type { BuiltParts } from "./built_parts.ts";
import type { Catalog } from "./catalog.ts";
import { checkFit } from "./check_fit.ts";
import type { ModelConfig } from "./config.ts";
import {
  type InitialWeight,
  type MatchedWeight,
  matchWeights,
} from "./match_weights.ts";
import { Misfits } from "./misfits.ts";
import { openBridge, overridesOf, type SlotTensors } from "./opened_bridge.ts";
import type { SourceOpener } from "./opened_sources.ts";
import { PartBuilder } from "./part_builder.ts";
import type { LocatedConfig } from "./read_config.ts";
import { type SyntheticSource, syntheticWeights } from "./synthetic_weights.ts";

/** A model without a misfit. */
export interface PreparedModel {
  /** Its parts. */
  readonly parts: BuiltParts;
  /** Its weights and where they are. */
  readonly matched: readonly MatchedWeight[];
}

/** What `prepareModel` needs beside the config. */
export interface PrepareSetup {
  /** Finds parts by name. */
  readonly catalog: Catalog;
  /** Opens their files. */
  readonly sources: SourceOpener;
  /** Tensors handed in by the program. */
  readonly given: SlotTensors;
  /** Makes weights that are nowhere else. */
  readonly initial: InitialWeight | undefined;
  /** Makes up all weights; files then only tell sizes, where they can. */
  readonly synthetic?: SyntheticSource;
}

/**
 * Builds the parts of a model of any kind and matches its weights.
 *
 * @throws {RookeryError} `config` or `weights` with every misfit
 */
export async function prepareModel(
  { config, path }: LocatedConfig,
  { catalog, sources, given, initial, synthetic }: PrepareSetup,
): Promise<PreparedModel> {
  const misfits = new Misfits();
  const section = config.kind === "flamingo" ? config.bridge : undefined;
  const bridge = section &&
    await openBridge(section, { catalog, sources }, misfits);
  const builder = new PartBuilder(catalog, sources, misfits);
  const overrides = overridesOf(bridge, given);
  const mayLackText = synthetic !== undefined;
  const setup = { builder, overrides, misfits, mayLackText };
  const parts = await buildAll(config, setup);
  const isFit = misfits.count === 0;
  if (synthetic) {
    misfits.throwIfAny("config", `assemble ${path}`);
    return { parts, matched: syntheticWeights(parts, synthetic) };
  }
  // Without its file, all tensors of a bridge would be listed as missing.
  if (section && !bridge) misfits.throwIfAny("config", `assemble ${path}`);
  const origins = { bridge, given, initial };
  const matched = await matchWeights(parts, origins, misfits);
  misfits.throwIfAny(isFit ? "weights" : "config", `assemble ${path}`);
  return { parts, matched };
}

async function buildAll(
  config: ModelConfig,
  setup: BuildSetup,
): Promise<BuiltParts> {
  if (config.kind === "language" || config.kind === "flamingo") {
    return await buildParts(config, setup);
  }
  const parts = await buildEncoder(config, setup);
  checkFit(parts, setup.misfits);
  return parts;
}
