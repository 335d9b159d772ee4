/**
 * The Chinchilla type of decoder as a plugin. No such weights were published,
 * so its sizes are all in the config.
 *
 * @module
 */

import { ACTIVATIONS } from "../../models/language/activation.ts";
import {
  chinchilla,
  CHINCHILLA_EMBEDDING,
  CHINCHILLA_HEAD,
  type ChinchillaConfig,
} from "../../models/language/chinchilla.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import { decoderPart } from "../decoder_part.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { flag, integer, number, oneOf, optional } from "../schema.ts";

/** Brings `chinchilla/decoder`. */
export function chinchillaPlugin(): Plugin {
  const decoder = decoderPart<ChinchillaConfig>({
    name: "chinchilla/decoder",
    modelTypes: [],
    fields: fields(),
    files: [],
    usual: usualSizes,
    faultOf,
    model: chinchilla,
    names: { embedding: CHINCHILLA_EMBEDDING, head: CHINCHILLA_HEAD },
  });
  return definePlugin({
    name: "chinchilla",
    version: "0.1.0",
    contract: 1,
    parts: [decoder],
  });
}

// Return type by inference: the fields' types are those of the schemas.
function fields() {
  return {
    layers: optional(integer()),
    width: optional(integer(2)),
    heads: optional(integer()),
    headDim: optional(integer()),
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    context: optional(integer()),
    normEps: optional(number(0)),
    activation: optional(oneOf(...ACTIVATIONS)),
    isTied: optional(flag()),
  };
}

/** The proportions of the papers; see `chinchilla` for what they leave open. */
function usualSizes(
  { width, heads }: KnownSizes<ChinchillaConfig>,
): KnownSizes<ChinchillaConfig> {
  return {
    headDim: width && heads && width / heads,
    ffnWidth: width && 4 * width,
    vocabulary: 32_000,
    context: 2048,
    normEps: 1e-5,
    activation: "gelu_tanh",
    isTied: true,
  };
}

function faultOf(
  { width, heads, headDim }: ChinchillaConfig,
): string | undefined {
  return !Number.isInteger(headDim)
    ? `width ${width} cannot be split into ${heads} heads evenly: give headDim`
    : width % 2 !== 0
    ? `its width ${width} is odd: sinusoids of distances come in pairs`
    : undefined;
}
