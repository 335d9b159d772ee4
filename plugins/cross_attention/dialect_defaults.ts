/**
 * What gated cross-attention takes where a config says nothing, by dialect.
 *
 * @module
 */

import type { CrossAttentionDialectName } from "../../models/flamingo/cross_attention_dialect.ts";
import type { ActivationName } from "../../models/language/activation.ts";

/** Defaults of one dialect; functions of the language model's width, d. */
export interface DialectDefaults {
  /** Width of a head. */
  readonly headDim: number;
  /** Heads; a fraction where the width does not split. */
  readonly heads: (width: number, headDim: number) => number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: (width: number) => number;
  /** Its activation. */
  readonly activation: ActivationName;
  /** Added to variances in norms. */
  readonly normEps: number;
  /** Whether each head's queries and keys are normed. */
  readonly qkNorms: boolean;
  /** The first layer that a block precedes, of every so many. */
  readonly first: (every: number) => number;
  /** Whether its blocks are named by their own order, not by layers. */
  readonly isNamedByOrder: boolean;
}

/** As wide in all heads together as the language model. */
const acrossWidth = (width: number, headDim: number): number => width / headDim;

/** Four times the language model's width. */
const fourfold = (width: number): number => 4 * width;

/**
 * The feed-forward width of LLaMA models: 8/3 of theirs, rounded up to a
 * multiple of 256.
 */
const asLlama = (width: number): number => 256 * Math.ceil(width / 96);

const atZero = (): number => 0;

/** Defaults of all dialects, those of the published models. */
export const DIALECT_DEFAULTS: Readonly<
  Record<CrossAttentionDialectName, DialectDefaults>
> = {
  // Its heads are as wide as those of its language models.
  paper: {
    headDim: 128,
    heads: acrossWidth,
    ffnWidth: fourfold,
    activation: "squared_relu",
    normEps: 1e-5,
    qkNorms: false,
    first: atZero,
    isNamedByOrder: false,
  },
  // The only one that begins with the last of `every` layers.
  open_flamingo: {
    headDim: 64,
    heads: () => 8,
    ffnWidth: fourfold,
    activation: "gelu",
    normEps: 1e-5,
    qkNorms: false,
    first: (every) => every - 1,
    isNamedByOrder: false,
  },
  idefics: {
    headDim: 128,
    heads: acrossWidth,
    ffnWidth: asLlama,
    activation: "silu",
    normEps: 1e-6,
    qkNorms: true,
    first: atZero,
    isNamedByOrder: true,
  },
  flamingo_mini: {
    headDim: 64,
    heads: () => 8,
    ffnWidth: fourfold,
    activation: "squared_relu",
    normEps: 1e-5,
    qkNorms: false,
    first: atZero,
    isNamedByOrder: false,
  },
};
