/**
 * Made-up weights for a whole model: every tensor from a counter, none from a
 * file. For trying sizes, speeds and memory of models whose weights are not at
 * hand.
 *
 * @module
 */

import { inMemory } from "../core/evaluate_on.ts";
import type { WeightNeed } from "../core/program.ts";
import { sizeOf } from "../core/shape.ts";
import { FORMAT_BLOCKS, type StoredTensor } from "../core/stored_tensor.ts";
import {
  type SyntheticFormat,
  SyntheticTensor,
} from "../core/synthetic/synthetic_tensor.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { BuiltParts } from "./built_parts.ts";
import { hasTokenRows } from "./has_token_rows.ts";
import {
  dtypeOf,
  type WeightDtype,
  type WeightDtypes,
} from "./load_weights.ts";
import type { MatchedWeight } from "./match_weights.ts";
import { partNeeds } from "./part_needs.ts";
import type { BridgeSlot } from "./plugin.ts";

/** Where made-up weights come from. */
export interface SyntheticSource {
  /** Other seeds give other values. */
  readonly seed: number;
  /** Precision of matrices; halves where it is `stored`. */
  readonly dtype: WeightDtypes;
}

/** Precisions that matrices can be made in; others are rounded from halves. */
const MADE: Readonly<Partial<Record<WeightDtype, SyntheticFormat>>> = {
  f32: "f32",
  f16: "f16",
  q8_0: "q8_0",
  q4_1: "q4_1",
};

/**
 * Made-up weights for all that a model needs: matrices around zero with a
 * standard deviation of 0.018, biases zero, all other vectors one, as an
 * initialiser makes them; gates are one too, so that they are open.
 */
export function syntheticWeights(
  parts: BuiltParts,
  { seed, dtype }: SyntheticSource,
): MatchedWeight[] {
  const slots = Object.keys(WEIGHT_PREFIX) as BridgeSlot[];
  return slots.flatMap((slot) => {
    const part = parts[slot];
    if (part === undefined) return [];
    return partNeeds(slot, parts).map((need) => {
      const isVocabulary = hasTokenRows(need, part.value);
      const precision = dtypeOf({ need, isVocabulary }, dtype);
      const stored = need.shape.length < 2
        ? vectorOf(need)
        : matrixOf(need, seed, precision);
      return { need, stored, isVocabulary };
    });
  });
}

function vectorOf({ name, shape }: WeightNeed): StoredTensor {
  const value = name.endsWith("bias") ? 0 : 1;
  return inMemory(name, shape, new Float32Array(sizeOf(shape)).fill(value));
}

function matrixOf(
  { name, shape, isPacked }: WeightNeed,
  seed: number,
  dtype: WeightDtype,
): StoredTensor {
  const wanted = isPacked ? MADE[dtype] ?? "f16" : "f32";
  // Rows that are no whole blocks would be packed anew, from any format.
  const columns = sizeOf(shape) / shape[0]!;
  const isWhole = columns % FORMAT_BLOCKS[wanted].elements === 0;
  const format = isWhole ? wanted : "f32";
  return new SyntheticTensor({ name, shape, format, seed });
}
