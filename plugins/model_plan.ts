/**
 * What is told of a model before a weight is read. The JSON of `plan`.
 *
 * @module
 */

import type { BridgeSlot } from "./plugin.ts";

/**
 * How matrices lie on a device, and the layout of each name: halves, 8 bits
 * with a scale for 32 (`q8_0`), 4 bits with scale and minimum for 32 (`q4_1`).
 */
export const PLANNED_LAYOUTS = {
  f32: "f32",
  f16: "f16",
  int8: "q8_0",
  int4: "q4_1",
} as const;

/** A precision of matrices; everything else stays f32. */
export type PlannedDtype = keyof typeof PLANNED_LAYOUTS;

/** All precisions, the finest first. */
export const PLANNED_DTYPES = Object.keys(
  PLANNED_LAYOUTS,
) as readonly PlannedDtype[];

/** One part. */
export interface PartPlan {
  /** Parameters, as its authors count them. */
  readonly parameters: number;
  /** Bytes on a device, with the padding of rows and blocks. */
  readonly bytes: Readonly<Record<PlannedDtype, number>>;
  /** Whether it was trained for this model. */
  readonly trainable: boolean;
}

/**
 * Floating-point operations, a multiply-add being two; null for what the model
 * does not do.
 */
export interface FlopsPlan {
  /** One picture, from pixels to the keys and values that text reads. */
  readonly image: number | null;
  /**
   * One of 128 tokens that are fed at once to an empty cache, with one picture
   * to read. The head's work, for the last of them alone, is shared by all.
   */
  readonly promptToken: number | null;
  /** One token after 128 others and one picture, head included. */
  readonly decodeToken: number | null;
}

/** Whether a device can hold the model. */
export interface DevicePlan {
  /** Name of the device; null without one. */
  readonly name: string | null;
  /** Most bytes it may hold; null where nobody knows. */
  readonly memoryBytes: number | null;
  /**
   * Whether weights, the caches of a new engine (512 tokens, 8 pictures) and
   * the values of its programs fit; null without a device.
   */
  readonly fits: Readonly<Record<PlannedDtype, boolean | null>>;
  /** Reasons, in words. */
  readonly why: readonly string[];
}

/** A model's sizes and work. */
export interface ModelPlan {
  /** Name of the model. */
  readonly name: string;
  /** What a user must know; left out where the config says nothing. */
  readonly note?: string;
  /** Its parts that have a place for weights. */
  readonly parts: Readonly<Partial<Record<BridgeSlot, PartPlan>>>;
  /** Parameters of all parts. */
  readonly total: number;
  /** Those of parts that were trained for this model. */
  readonly trainable: number;
  /** All others. */
  readonly frozen: number;
  /** Bytes of keys and values of one token in all layers. */
  readonly kvBytesPerToken: number;
  /** Bytes of keys and values of one picture in all gated blocks. */
  readonly mediaBytesPerImage: number;
  /** Work. */
  readonly flops: FlopsPlan;
  /** The device that was asked. */
  readonly device: DevicePlan;
}
