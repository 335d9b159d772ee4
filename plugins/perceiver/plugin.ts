/**
 * The Perceiver Resampler as a plugin, in the dialects of the paper and of
 * OpenFlamingo.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { perceiver } from "../../models/flamingo/perceiver.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import { flag, integer, objectOf, oneOf, optional, orElse } from "../schema.ts";

/** What each dialect takes where the config says nothing. */
const DIALECTS = {
  paper: { heads: 16, headDim: 96, activation: "squared_relu", width: 1536 },
  open_flamingo: {
    heads: 8,
    headDim: 64,
    activation: "gelu",
    width: undefined,
  },
} as const;

/** Brings `perceiver`. */
export function perceiverPlugin(): Plugin {
  return definePlugin({
    name: "perceiver",
    version: "0.1.0",
    contract: 1,
    parts: [resampler()],
  });
}

function resampler(): Part<"resampler"> {
  const fields = {
    dialect: orElse(oneOf("paper", "open_flamingo"), "paper"),
    width: optional(integer()),
    depth: orElse(integer(), 6),
    latents: orElse(integer(), 64),
    heads: optional(integer()),
    headDim: optional(integer()),
    ffMult: orElse(integer(), 4),
    activation: optional(oneOf("squared_relu", "gelu")),
    positions: orElse(flag(), false),
    inputProjection: optional(flag()),
  };
  return definePart({
    slot: "resampler",
    name: "perceiver",
    schema: objectOf(fields),
    build(config, { neighbours: { vision } }) {
      const { depth, latents, ffMult } = config;
      const dialect = DIALECTS[config.dialect];
      const inputWidth = vision!.width;
      const width = config.width ?? dialect.width ?? inputWidth;
      const hasInputProjection = config.inputProjection ?? width !== inputWidth;
      if (!hasInputProjection && width !== inputWidth) {
        throw new RookeryError(
          "config",
          `Cannot read features of width ${inputWidth} with a resampler of ` +
            `width ${width} as inputProjection is false: make it true, or ` +
            "the widths equal",
          { path: "resampler.width", expected: inputWidth, actual: width },
        );
      }
      return perceiver({
        inputWidth,
        hasInputProjection,
        positions: config.positions ? vision!.positions : 0,
        width,
        depth,
        latents,
        heads: config.heads ?? dialect.heads,
        headDim: config.headDim ?? dialect.headDim,
        ffMult,
        activation: config.activation ?? dialect.activation,
      });
    },
  });
}
