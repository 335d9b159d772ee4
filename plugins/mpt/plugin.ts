/**
 * The MPT family as a plugin.
 *
 * @module
 */

import {
  mpt,
  MPT_EMBEDDING,
  MPT_HEAD,
  type MptConfig,
} from "../../models/language/mpt.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import { decoderPart } from "../decoder_part.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { flag, integer, number, oneOf, optional } from "../schema.ts";
import { mptGguf } from "./gguf_mpt.ts";
import { mptFolder } from "./hf_mpt.ts";

/** Brings `mpt/decoder`. */
export function mptPlugin(): Plugin {
  const decoder = decoderPart<MptConfig>({
    name: "mpt/decoder",
    modelTypes: ["mpt", "mosaic_gpt"],
    fields: fields(),
    files: [mptGguf(), mptFolder()],
    usual: usualSizes,
    faultOf,
    model: mpt,
    names: { embedding: MPT_EMBEDDING, head: MPT_HEAD },
  });
  return definePlugin({
    name: "mpt",
    version: "0.1.0",
    contract: 1,
    parts: [decoder],
  });
}

// Return type by inference: the fields' types are those of the schemas.
function fields() {
  return {
    layers: optional(integer()),
    width: optional(integer()),
    heads: optional(integer()),
    kvHeads: optional(integer()),
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    context: optional(integer()),
    normEps: optional(number(0)),
    positions: optional(oneOf("alibi", "learned")),
    alibiBiasMax: optional(number(0)),
    softmaxScale: optional(number(0)),
    clipQkv: optional(number(0)),
    hasQkNorm: optional(flag()),
    hasBias: optional(flag()),
    logitScale: optional(number()),
    isTied: optional(flag()),
  };
}

/** What the published models share, and what follows from other sizes. */
function usualSizes(
  { width, heads }: KnownSizes<MptConfig>,
): KnownSizes<MptConfig> {
  return {
    kvHeads: heads,
    ffnWidth: width && 4 * width,
    softmaxScale: width && heads && 1 / Math.sqrt(width / heads),
    context: 2048,
    normEps: 1e-5,
    positions: "alibi",
    alibiBiasMax: 8,
    clipQkv: Infinity,
    hasQkNorm: false,
    hasBias: false,
    logitScale: 1,
    isTied: true,
  };
}

function faultOf({ width, heads, kvHeads }: MptConfig): string | undefined {
  return width % heads !== 0
    ? `width ${width} cannot be split into ${heads} heads evenly`
    : heads % kvHeads !== 0
    ? `${heads} heads cannot share ${kvHeads} key and value heads evenly`
    : undefined;
}
