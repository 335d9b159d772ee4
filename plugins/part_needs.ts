/**
 * Weights that one part needs, from its templates alone: parts that do not fit
 * each other can still be compared with their files.
 *
 * @module
 */

import {
  ProgramBuilder,
  type Value,
  type WeightNeed,
  weightNeeds,
} from "../core/program.ts";
import type { DType } from "../core/dtype.ts";
import { mediaType } from "../models/generation/pool_sizes.ts";
import { decodeProgram } from "../models/generation/programs.ts";
import { type ModelStack, WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { TextEncoder } from "../models/slots.ts";
import type { BridgeSlot } from "./plugin.ts";
import { type BuiltParts, stackOf } from "./built_parts.ts";

/** One of everything: the count of rows or pages does not matter here. */
const SIZES = {
  pages: 1,
  pictures: 1,
  rowPages: 1,
  rowPictures: 1,
  activations: "f32",
} as const;

/** Weights of a slot's part, with the slot's prefix. */
export function partNeeds(slot: BridgeSlot, parts: BuiltParts): WeightNeed[] {
  const { language, vision, resampler } = parts;
  if (slot === "language") {
    const stack = { language: language!.value };
    return weightNeeds([decodeProgram({ stack, sizes: SIZES }, 1)]);
  }
  const builder = new ProgramBuilder(`weights of ${slot}`);
  const prefix = WEIGHT_PREFIX[slot];
  if (slot === "vision") {
    const { px, encode } = vision!.value;
    const pixels = input(builder, "pixels", [1, 3, px, px]);
    builder.call(encode, prefix, { pixels });
  } else if (slot === "resampler") {
    const { inputPositions, inputWidth, ...rest } = resampler!.value;
    const positions = inputPositions ?? vision!.value.positions;
    const features = input(builder, "features", [1, 1, positions, inputWidth]);
    const index = rest.readsIndex
      ? { index: input(builder, "index", [1], "u32") }
      : {};
    builder.call(rest.resample, prefix, { features, ...index });
  } else if (slot === "text") addText(builder, parts.text!.value);
  else addCrossAttention(builder, stackOf(parts));
  return weightNeeds([builder.build()]);
}

function addText(
  builder: ProgramBuilder,
  { visionWidth, encode, project, temperature }: TextEncoder,
): void {
  const prefix = WEIGHT_PREFIX.text;
  const ids = input(builder, "ids", [1, 1], "u32");
  builder.call(encode, prefix, {
    ids,
    ends: input(builder, "ends", [1], "u32"),
  });
  const features = input(builder, "features", [1, 1, visionWidth]);
  builder.call(project, prefix, { features });
  builder.call(temperature, prefix, {});
}

/** Cross-attention is only built beside a language model and a resampler. */
function addCrossAttention(
  builder: ProgramBuilder,
  { language: { width }, eyes }: ModelStack,
): void {
  const { cache, blocks, mediaWidth, adapt, project, attend } =
    eyes!.crossAttention;
  const at = WEIGHT_PREFIX.crossAttention;
  const given = {
    latents: input(builder, "latents", [1, cache.latents, mediaWidth]),
  };
  const { latents } = adapt ? builder.call(adapt, at, given) : given;
  const inputs = {
    latents: latents!,
    slots: input(builder, "slots", [1], "u32"),
    cache: builder.state("cache", mediaType(eyes!, SIZES)),
  };
  const x = input(builder, "x", [1, 1, width]);
  const media = input(builder, "media", [1, 1], "u32");
  const mediaTable = input(builder, "mediaTable", [1, 1], "u32");
  for (const { prefix } of blocks) {
    const path = at + prefix;
    const written = builder.call(project, path, inputs);
    const read = { x, media, mediaTable, cache: written.cache! };
    builder.call(attend, path, read);
  }
}

function input(
  builder: ProgramBuilder,
  name: string,
  shape: readonly number[],
  dtype: DType = "f32",
): Value {
  return builder.input(name, { dtype, shape });
}
