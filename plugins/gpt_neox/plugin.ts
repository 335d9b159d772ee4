/**
 * The GPT-NeoX family as a plugin.
 *
 * @module
 */

import { ACTIVATIONS } from "../../models/language/activation.ts";
import {
  GPT_NEOX_EMBEDDING,
  GPT_NEOX_HEAD,
  gptNeox,
  type GptNeoxConfig,
} from "../../models/language/gpt_neox.ts";
import { decoderPart } from "../decoder_part.ts";
import { hfFolder } from "../hf_folder.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { flag, integer, number, oneOf, optional } from "../schema.ts";
import { gptNeoxGguf } from "./gguf_gpt_neox.ts";
import { sizesFromConfigJson, tensorsFromFolder } from "./hf_gpt_neox.ts";

/** Brings `gpt_neox/decoder`. */
export function gptNeoxPlugin(): Plugin {
  const decoder = decoderPart<GptNeoxConfig>({
    name: "gpt_neox/decoder",
    modelTypes: ["gpt_neox", "gptneox"],
    fields: fields(),
    files: [
      gptNeoxGguf(),
      hfFolder({ sizes: sizesFromConfigJson, tensors: tensorsFromFolder }),
    ],
    usual: () => ({
      normEps: 1e-5,
      ropeTheta: 10_000,
      activation: "gelu",
      isParallel: true,
      hasAttentionBias: true,
      isTied: false,
    }),
    faultOf,
    model: gptNeox,
    names: { embedding: GPT_NEOX_EMBEDDING, head: GPT_NEOX_HEAD },
  });
  return definePlugin({
    name: "gpt_neox",
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
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    context: optional(integer()),
    normEps: optional(number(0)),
    ropeTheta: optional(number(1)),
    rotaryDims: optional(integer(2)),
    activation: optional(oneOf(...ACTIVATIONS)),
    isParallel: optional(flag()),
    hasAttentionBias: optional(flag()),
    isTied: optional(flag()),
  };
}

function faultOf(
  { width, heads, rotaryDims }: GptNeoxConfig,
): string | undefined {
  const headDim = width / heads;
  if (!Number.isInteger(headDim)) {
    return `width ${width} cannot be split into ${heads} heads evenly`;
  }
  const isFit = rotaryDims % 2 === 0 && rotaryDims >= 2 &&
    rotaryDims <= headDim;
  if (isFit) return undefined;
  return `${rotaryDims} elements of heads of width ${headDim} cannot be ` +
    "rotated in pairs";
}
