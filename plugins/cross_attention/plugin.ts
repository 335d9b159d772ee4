/**
 * Gated cross-attention as a plugin, in the dialects of the paper, of
 * OpenFlamingo, of IDEFICS and of flamingo-mini.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { crossAttention } from "../../models/flamingo/cross_attention.ts";
import { ACTIVATIONS } from "../../models/language/activation.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import {
  flag,
  integer,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  orElse,
} from "../schema.ts";
import { DIALECT_DEFAULTS, type DialectDefaults } from "./dialect_defaults.ts";

/** Brings `cross_attention`. */
export function crossAttentionPlugin(): Plugin {
  return definePlugin({
    name: "cross_attention",
    version: "0.2.0",
    contract: 1,
    parts: [gatedBlocks()],
  });
}

/** Where the gated blocks stand. */
interface Placement {
  readonly layers: readonly number[] | undefined;
  readonly every: number | undefined;
  readonly first: number | undefined;
}

/** The width of the feed-forward layer, as such or over the model's. */
interface FeedForwardWidth {
  readonly ffnWidth: number | undefined;
  readonly ffMult: number | undefined;
}

function gatedBlocks(): Part<"crossAttention"> {
  const fields = {
    dialect: orElse(
      oneOf("paper", "open_flamingo", "idefics", "flamingo_mini"),
      "paper",
    ),
    layers: optional(listOf(integer(0))),
    every: optional(integer()),
    first: optional(integer(0)),
    attendTo: orElse(oneOf("latest", "all"), "latest"),
    heads: optional(integer()),
    headDim: optional(integer()),
    ffMult: optional(integer()),
    ffnWidth: optional(integer()),
    activation: optional(oneOf(...ACTIVATIONS)),
    gate: orElse(oneOf("scalar", "vector"), "scalar"),
    qkNorms: optional(flag()),
    normEps: optional(number(0)),
  };
  return definePart({
    slot: "crossAttention",
    name: "cross_attention",
    schema: objectOf(fields),
    build(config, { neighbours: { language, resampler } }) {
      const { dialect, attendTo, gate } = config;
      const { width } = language!;
      const usual = DIALECT_DEFAULTS[dialect];
      const headDim = config.headDim ?? usual.headDim;
      const heads = config.heads ?? usual.heads(width, headDim);
      checkHeads(heads, width, headDim);
      return crossAttention({
        dialect,
        layers: layersOf(config, usual, language!.layers),
        prefixOf: (layer, block) => `${usual.isNamedByOrder ? block : layer}.`,
        width,
        mediaWidth: resampler!.width,
        latents: resampler!.latents,
        heads,
        headDim,
        ffnWidth: ffnWidthOf(config, usual, width),
        activation: config.activation ?? usual.activation,
        gate,
        qkNorms: config.qkNorms ?? usual.qkNorms,
        normEps: config.normEps ?? usual.normEps,
        attendTo,
      });
    },
  });
}

/** The list, or every so many layers from the dialect's first on. */
function layersOf(
  { layers, every, first }: Placement,
  usual: DialectDefaults,
  count: number,
): readonly number[] {
  if (layers !== undefined) {
    if (every === undefined && first === undefined) return layers;
    throw new RookeryError(
      "config",
      "Cannot place gated blocks by crossAttention.layers and by every or " +
        "first at once: give the list or the rule",
      { path: "crossAttention.layers", actual: layers },
    );
  }
  const step = every ?? 1;
  const placed: number[] = [];
  let layer = first ?? usual.first(step);
  for (; layer < count; layer += step) placed.push(layer);
  return placed;
}

function ffnWidthOf(
  { ffnWidth, ffMult }: FeedForwardWidth,
  usual: DialectDefaults,
  width: number,
): number {
  if (ffMult === undefined) return ffnWidth ?? usual.ffnWidth(width);
  if (ffnWidth === undefined) return ffMult * width;
  throw new RookeryError(
    "config",
    `Cannot use crossAttention.ffnWidth ${ffnWidth} and ` +
      `crossAttention.ffMult ${ffMult} at once: give one of them`,
    { path: "crossAttention.ffnWidth", actual: ffnWidth },
  );
}

function checkHeads(heads: number, width: number, headDim: number): void {
  if (Number.isInteger(heads)) return;
  throw new RookeryError(
    "config",
    `Cannot split width ${width} into heads of ${headDim}: set ` +
      "crossAttention.heads and crossAttention.headDim",
    { path: "crossAttention.heads", actual: heads },
  );
}
