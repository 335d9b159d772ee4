/**
 * The Perceiver Resampler as a plugin, in the dialects of the paper,
 * OpenFlamingo, IDEFICS and flamingo-mini.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { perceiver } from "../../models/flamingo/perceiver.ts";
import {
  PERCEIVER_DIALECTS,
  type PerceiverNames,
} from "../../models/flamingo/perceiver_dialects.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import { flag, integer, objectOf, oneOf, optional, orElse } from "../schema.ts";

/** Brings `perceiver`. */
export function perceiverPlugin(): Plugin {
  return definePlugin({
    name: "perceiver",
    version: "0.2.0",
    contract: 1,
    parts: [resampler()],
  });
}

function resampler(): Part<"resampler"> {
  const fields = {
    dialect: orElse(
      oneOf("paper", "open_flamingo", "idefics", "flamingo_mini"),
      "paper",
    ),
    width: optional(integer()),
    depth: orElse(integer(), 6),
    latents: orElse(integer(), 64),
    heads: optional(integer()),
    headDim: optional(integer()),
    ffMult: orElse(integer(), 4),
    activation: optional(oneOf("squared_relu", "gelu", "relu")),
    positions: orElse(flag(), false),
    inputProjection: optional(flag()),
    timeEmbeddings: optional(integer(0)),
    mediaEmbeddings: orElse(integer(0), 0),
    qkNorms: optional(flag()),
  };
  return definePart({
    slot: "resampler",
    name: "perceiver",
    schema: objectOf(fields),
    build(config, { neighbours: { vision } }) {
      const dialect = PERCEIVER_DIALECTS[config.dialect];
      const inputWidth = vision!.width;
      const width = config.width ?? dialect.width ?? inputWidth;
      const hasInputProjection = config.inputProjection ?? width !== inputWidth;
      if (!hasInputProjection) checkWidths(inputWidth, width);
      const timeEmbeddings = config.timeEmbeddings ?? dialect.timeEmbeddings;
      const hasQkNorms = config.qkNorms ?? dialect.hasQkNorms;
      const { depth, latents, ffMult, mediaEmbeddings } = config;
      checkNames(config.dialect, dialect.names, {
        timeEmbeddings,
        mediaEmbeddings,
        qkNorms: hasQkNorms,
      });
      const isStill = timeEmbeddings === 0 && !dialect.hasUntimedVideo;
      return perceiver({
        inputWidth,
        hasInputProjection,
        positions: config.positions ? vision!.positions : 0,
        timeEmbeddings,
        mediaEmbeddings,
        frames: isStill ? 1 : undefined,
        width,
        depth,
        latents,
        heads: config.heads ?? dialect.heads,
        headDim: config.headDim ?? dialect.headDim,
        hasQkNorms,
        ffMult,
        activation: config.activation ?? dialect.activation,
        names: dialect.names,
      });
    },
  });
}

function checkWidths(inputWidth: number, width: number): void {
  if (inputWidth === width) return;
  throw new RookeryError(
    "config",
    `Cannot read features of width ${inputWidth} with a resampler of ` +
      `width ${width} as inputProjection is false: make it true, or ` +
      "the widths equal",
    { path: "resampler.width", expected: inputWidth, actual: width },
  );
}

/** A dialect without a name for a weight has no such weight. */
function checkNames(
  dialect: string,
  names: PerceiverNames,
  wanted: Readonly<
    Record<"timeEmbeddings" | "mediaEmbeddings" | "qkNorms", number | boolean>
  >,
): void {
  for (const key of ["timeEmbeddings", "mediaEmbeddings", "qkNorms"] as const) {
    if (!wanted[key] || names[key] !== undefined) continue;
    throw new RookeryError(
      "config",
      `Cannot use ${key} ${wanted[key]} with the dialect ${dialect} as it ` +
        `has none: leave resampler.${key} out, or use another dialect`,
      { path: `resampler.${key}`, actual: wanted[key] },
    );
  }
}
