/**
 * Gated cross-attention as a plugin, in the dialects of the paper and of
 * OpenFlamingo.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { crossAttention } from "../../models/flamingo/cross_attention.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import {
  integer,
  listOf,
  objectOf,
  oneOf,
  optional,
  orElse,
} from "../schema.ts";

/** Brings `cross_attention`. */
export function crossAttentionPlugin(): Plugin {
  return definePlugin({
    name: "cross_attention",
    version: "0.1.0",
    contract: 1,
    parts: [gatedBlocks()],
  });
}

/** Where the gated blocks stand. */
interface Placement {
  readonly dialect: "paper" | "open_flamingo";
  readonly layers: readonly number[] | undefined;
  readonly every: number | undefined;
  readonly first: number | undefined;
}

function gatedBlocks(): Part<"crossAttention"> {
  const fields = {
    dialect: orElse(oneOf("paper", "open_flamingo"), "paper"),
    layers: optional(listOf(integer(0))),
    every: optional(integer()),
    first: optional(integer(0)),
    attendTo: orElse(oneOf("latest", "all"), "latest"),
    heads: optional(integer()),
    headDim: optional(integer()),
    ffMult: orElse(integer(), 4),
    activation: optional(oneOf("squared_relu", "gelu")),
  };
  return definePart({
    slot: "crossAttention",
    name: "cross_attention",
    schema: objectOf(fields),
    build(config, { neighbours: { language, resampler } }) {
      const isPaper = config.dialect === "paper";
      const { width } = language!;
      // The paper's heads are as wide as its language models': 128.
      const headDim = config.headDim ?? (isPaper ? 128 : 64);
      const heads = config.heads ?? (isPaper ? width / headDim : 8);
      checkHeads(heads, width, headDim);
      checkLatents(resampler!.latents);
      return crossAttention({
        layers: layersOf(config, language!.layers),
        prefixOf: (layer) => `${layer}.`,
        width,
        mediaWidth: resampler!.width,
        latents: resampler!.latents,
        heads,
        headDim,
        ffMult: config.ffMult,
        activation: config.activation ?? (isPaper ? "squared_relu" : "gelu"),
        attendTo: config.attendTo,
      });
    },
  });
}

/** The paper puts a block before layer 0, OpenFlamingo before `every` − 1. */
function layersOf(
  { dialect, layers, every, first }: Placement,
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
  let layer = first ?? (dialect === "paper" ? 0 : step - 1);
  for (; layer < count; layer += step) placed.push(layer);
  return placed;
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

/** Keys of a picture lie in groups of four, so that they are read four by four. */
function checkLatents(latents: number): void {
  if (latents % 4 === 0) return;
  throw new RookeryError(
    "config",
    `Cannot keep ${latents} latents a picture: choose a multiple of 4 as ` +
      "resampler.latents",
    { path: "resampler.latents", actual: latents },
  );
}
