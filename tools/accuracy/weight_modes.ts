/**
 * Precisions that the real models are measured in.
 *
 * @module
 */

import type { WeightDtypes } from "../../mod.ts";

/** A precision of weights and of the values between layers. */
export interface WeightMode {
  /** Name in the tables. */
  readonly name: string;
  /** Precision of matrices. */
  readonly dtype: WeightDtypes;
  /** Precision of values between layers. */
  readonly activations: "f32" | "f16";
}

/** Slots of parts with weights. */
const SLOTS = [
  "vision",
  "resampler",
  "crossAttention",
  "language",
  "text",
] as const;

/** All matrices in four bits, where the usual way keeps eight for tokens. */
export const ALL_Q4_1: WeightDtypes = {
  ...Object.fromEntries(SLOTS.map((slot) => [slot, "q4_1"])),
  embedding: "q4_1",
};

/** The first is what the others are compared with. */
export const WEIGHT_MODES: readonly WeightMode[] = [
  { name: "f32", dtype: "f32", activations: "f32" },
  { name: "f16", dtype: "f16", activations: "f32" },
  { name: "f16, values too", dtype: "f16", activations: "f16" },
  { name: "q8_0", dtype: "q8_0", activations: "f32" },
  { name: "q4_0, embedding q8_0", dtype: "q4_0", activations: "f32" },
  { name: "q4_1", dtype: ALL_Q4_1, activations: "f32" },
  { name: "q4_1, embedding q8_0", dtype: "q4_1", activations: "f32" },
];
