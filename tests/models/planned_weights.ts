/**
 * The tensors of a whole model as `assemble` finds them, by slot and by the
 * names of the parts' templates: to make other models of the same tensors.
 *
 * @module
 */

import { inMemory } from "../../core/evaluate_on.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import { assemble, type AssembleOptions } from "../../plugins/assemble.ts";
import { buildParts } from "../../plugins/build_parts.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import type { FlamingoModelConfig } from "../../plugins/config.ts";
import {
  generative,
  locateConfig,
  sourceOptions,
} from "../../plugins/locate_config.ts";
import { matchWeights } from "../../plugins/match_weights.ts";
import { Misfits } from "../../plugins/misfits.ts";
import { openBridge, overridesOf } from "../../plugins/opened_bridge.ts";
import { OpenedSources } from "../../plugins/opened_sources.ts";
import { PartBuilder } from "../../plugins/part_builder.ts";
import type { BridgeSlot } from "../../plugins/plugin.ts";

/** A whole model, planned and not loaded; its files are open until disposed. */
export interface PlannedModel extends Disposable {
  /** Its config. */
  readonly config: FlamingoModelConfig;
  /** Folder of the config's paths. */
  readonly base: string | URL;
  /** Name of the part that is its language model. */
  readonly language: string;
  /** Number of its gated blocks. */
  readonly gatedBlocks: number;
  /** Its tensors by slot. */
  readonly tensors: ReadonlyMap<BridgeSlot, ReadonlyMap<string, StoredTensor>>;
}

/** Plans a model; throws all misfits. */
export async function planWeights(path: string): Promise<PlannedModel> {
  const catalog = new Catalog(builtinPlugins());
  const located = generative(await locateConfig(path, catalog));
  const { base } = located, config = located.config as FlamingoModelConfig;
  const readers = await catalog.readers();
  const sources = new OpenedSources(readers, sourceOptions(located, {}));
  const misfits = new Misfits();
  const bridge = config.bridge &&
    await openBridge(config.bridge, { catalog, sources }, misfits);
  const parts = await buildParts(config, {
    builder: new PartBuilder(catalog, sources, misfits),
    overrides: overridesOf(bridge, {}),
    misfits,
  });
  const origins = { bridge, given: {}, initial: undefined };
  const matched = await matchWeights(parts, origins, misfits);
  misfits.throwIfAny("weights", `plan ${path}`);
  const tensors = new Map<BridgeSlot, Map<string, StoredTensor>>();
  for (const { need: { name }, stored } of matched) {
    const slots = Object.keys(WEIGHT_PREFIX) as BridgeSlot[];
    const slot = slots.find((each) => name.startsWith(WEIGHT_PREFIX[each]))!;
    const own = tensors.get(slot) ?? new Map<string, StoredTensor>();
    const bare = name.slice(WEIGHT_PREFIX[slot].length);
    tensors.set(slot, own.set(bare, stored));
  }
  return {
    config,
    base,
    language: parts.language!.part.name,
    gatedBlocks: parts.crossAttention!.value.blocks.length,
    tensors,
    [Symbol.dispose]: () => sources[Symbol.dispose](),
  };
}

/** Names of gates, in all dialects. */
const GATE = /\.(attn_gate|ff_gate|alpha_\w+)$/;

/** Zeros for all gates of a planned model. */
export function closedGates(
  { tensors }: PlannedModel,
): ReadonlyMap<string, StoredTensor> {
  const gates = [...tensors.get("crossAttention")!]
    .filter(([name]) => GATE.test(name));
  return new Map(gates.map(([name, { shape }]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return [name, inMemory(name, shape, new Float32Array(count))];
  }));
}

/** The language model of a planned one alone, with the very same tensors. */
export async function assembleBare(
  { config, base, language, tensors }: PlannedModel,
  options: AssembleOptions,
): Promise<Flamingo> {
  const section = { ...config.language, part: language };
  const bare = { ...config, kind: "language" as const, language: section };
  return await assemble(bare, {
    ...options,
    base,
    weights: { language: tensors.get("language")! },
  });
}
