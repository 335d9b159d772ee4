/**
 * The OPT family as a plugin.
 *
 * @module
 */

import { ACTIVATIONS } from "../../models/language/activation.ts";
import {
  opt,
  OPT_EMBEDDING,
  OPT_HEAD,
  type OptConfig,
} from "../../models/language/opt.ts";
import { decoderPart } from "../decoder_part.ts";
import { hfFolder } from "../hf_folder.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { flag, integer, number, oneOf, optional } from "../schema.ts";
import { sizesFromConfigJson, tensorsFromFolder } from "./hf_opt.ts";

/** Brings `opt/decoder`. */
export function optPlugin(): Plugin {
  const decoder = decoderPart<OptConfig>({
    name: "opt/decoder",
    modelTypes: ["opt"],
    fields: fields(),
    files: [
      hfFolder({ sizes: sizesFromConfigJson, tensors: tensorsFromFolder }),
    ],
    usual: ({ width, isPreNorm = true }) => ({
      embeddingWidth: width,
      normEps: 1e-5,
      activation: "relu",
      isPreNorm,
      hasFinalNorm: isPreNorm,
      hasBias: true,
      hasNormWeights: true,
      isTied: true,
    }),
    faultOf: ({ width, heads }) =>
      width % heads === 0
        ? undefined
        : `width ${width} cannot be split into ${heads} heads evenly`,
    model: opt,
    names: { embedding: OPT_EMBEDDING, head: OPT_HEAD },
  });
  return definePlugin({
    name: "opt",
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
    embeddingWidth: optional(integer()),
    heads: optional(integer()),
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    context: optional(integer()),
    normEps: optional(number(0)),
    activation: optional(oneOf(...ACTIVATIONS)),
    isPreNorm: optional(flag()),
    hasFinalNorm: optional(flag()),
    hasBias: optional(flag()),
    hasNormWeights: optional(flag()),
    isTied: optional(flag()),
  };
}
