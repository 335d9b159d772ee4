/**
 * The parts of an assembled model, as the engine needs them.
 *
 * @module
 */

import type {
  CrossAttention,
  LanguageModel,
  Resampler,
  VisionEncoder,
} from "../slots.ts";

/** What makes pictures readable for the language model. */
export interface VisionStack {
  /** Pixels to features. */
  readonly vision: VisionEncoder;
  /** Features to latents. */
  readonly resampler: Resampler;
  /** Latents into the language model. */
  readonly crossAttention: CrossAttention;
}

/** A language model, with eyes or without. */
export interface ModelStack {
  /** The language model. */
  readonly language: LanguageModel;
  /** Its eyes; undefined for a bare language model. */
  readonly eyes?: VisionStack;
}

/** Names of the parts' weights start with these. */
export const WEIGHT_PREFIX = {
  vision: "vision/",
  resampler: "resampler/",
  crossAttention: "crossAttention/",
  language: "language/",
  text: "text/",
} as const;
