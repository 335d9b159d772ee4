/**
 * What a model takes and does, from its sizes alone: parameters, bytes, caches,
 * work, and whether a device can hold it.
 *
 * @module
 */

import { dtypeBytes } from "../core/dtype.ts";
import type { WeightNeed } from "../core/program.ts";
import { programCost } from "../core/program_cost.ts";
import { sizeOf } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { weightBytes } from "../core/webgpu/weight_memory.ts";
import {
  type Activations,
  kvType,
  mediaType,
} from "../models/generation/pool_sizes.ts";
import { SAMPLE_TOKENS } from "../models/generation/sample_programs.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import { PAGE_SLOTS } from "../ops/cache_type.ts";
import { type BuiltParts, stackOf } from "./built_parts.ts";
import type { ModelConfig } from "./config.ts";
import {
  type FlopsPlan,
  type ModelPlan,
  type PartPlan,
  PLANNED_DTYPES,
  type PlannedDtype,
} from "./model_plan.ts";
import {
  type ModelOutline,
  outlineModel,
  type OutlineOptions,
} from "./outline_model.ts";
import { ONE_CHUNK, outlinePrograms } from "./outline_programs.ts";
import type { BuiltPart } from "./part_builder.ts";
import { partNeeds } from "./part_needs.ts";
import { plannedLayout } from "./planned_layout.ts";
import { planDevice, type PlannedDevice } from "./plan_device.ts";
import type { BridgeSlot } from "./plugin.ts";
import type { LocatedConfig } from "./read_config.ts";

/** Options of `planModel`. */
export interface PlanOptions extends OutlineOptions {
  /**
   * The device that is asked whether the model fits, or why there is none. It
   * is only asked: nothing is allocated.
   */
  readonly device?: PlannedDevice | { readonly absent: string };
  /** How values between layers and caches are kept. Default f32. */
  readonly activations?: Activations;
}

/**
 * Counts a model by whatever `assemble` takes, or an outline of it. No weight is
 * read, nothing is fetched and nothing allocated: a model of 80 billion
 * parameters takes a second.
 *
 * @throws {RookeryError} as `outlineModel`
 */
export async function planModel(
  model: string | URL | LocatedConfig | ModelConfig | ModelOutline,
  options: PlanOptions = {},
): Promise<ModelPlan> {
  const outline = isOutline(model) ? model : await outlineModel(model, options);
  return await planOutline(outline, options);
}

function isOutline(
  model: Parameters<typeof planModel>[0],
): model is ModelOutline {
  return typeof model === "object" && "parts" in model;
}

async function planOutline(
  outline: ModelOutline,
  { device = { absent: "no device was asked" }, activations = "f32" }:
    PlanOptions,
): Promise<ModelPlan> {
  const { parts: built, name, note, trained } = outline;
  const parts: Partial<Record<BridgeSlot, PartPlan>> = {};
  const needs: WeightNeed[] = [];
  for (const slot of Object.keys(WEIGHT_PREFIX) as BridgeSlot[]) {
    const part = built[slot];
    if (part === undefined) continue;
    const own = partNeeds(slot, built);
    needs.push(...own);
    const trainable = (trained as readonly string[]).includes(slot);
    parts[slot] = await planPart(part, own, { trainable, built });
  }
  const count = (wanted: (part: PartPlan) => boolean): number =>
    Object.values(parts).filter(wanted)
      .reduce((sum, { parameters }) => sum + parameters, 0);
  return {
    name,
    ...(note === undefined ? {} : { note }),
    parts,
    total: count(() => true),
    trainable: count((part) => part.trainable),
    frozen: count((part) => !part.trainable),
    ...cacheBytes(built, activations),
    flops: flopsOf(outline),
    device: planDevice(outline, needs, { device, activations }),
  };
}

async function planPart(
  { part, config, context }: BuiltPart<BridgeSlot>,
  needs: readonly WeightNeed[],
  { trainable, built }: { trainable: boolean; built: BuiltParts },
): Promise<PartPlan> {
  const counted = needs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parameters = await part.parameters?.(config, context, counted) ??
    counted;
  const bytes = Object.fromEntries(PLANNED_DTYPES.map((dtype) => {
    const each = needs.map((need) =>
      weightBytes(need, plannedLayout(need, dtype, built))
    );
    return [dtype, each.reduce((a, b) => a + b, 0)];
  })) as Record<PlannedDtype, number>;
  return { parameters, bytes, trainable };
}

/** Bytes that a token and a picture take of the caches. */
function cacheBytes(
  parts: BuiltParts,
  activations: Activations,
): Pick<ModelPlan, "kvBytesPerToken" | "mediaBytesPerImage"> {
  if (!parts.language) return { kvBytesPerToken: 0, mediaBytesPerImage: 0 };
  const stack = stackOf(parts), { language, eyes } = stack;
  const one = { ...ONE_CHUNK, activations, pages: 1, pictures: 1 };
  const page = language.blocks.length * bytesOf(kvType(stack, one));
  return {
    kvBytesPerToken: page / PAGE_SLOTS,
    mediaBytesPerImage: eyes === undefined
      ? 0
      : eyes.crossAttention.blocks.length * bytesOf(mediaType(eyes, one)),
  };
}

function bytesOf({ shape, dtype }: TensorType): number {
  return sizeOf(shape) * dtypeBytes(dtype);
}

/** Work, by the ops of the programs. */
function flopsOf(outline: ModelOutline): FlopsPlan {
  const { image, text, decode } = outlinePrograms(outline);
  const isGenerative = outline.parts.language !== undefined;
  return {
    image: image ? programCost(image).flops : null,
    promptToken: text && isGenerative
      ? programCost(text).flops / SAMPLE_TOKENS
      : null,
    decodeToken: decode ? programCost(decode).flops : null,
  };
}
