/**
 * GPT-2 as a plugin.
 *
 * @module
 */

import { ACTIVATIONS } from "../../models/language/activation.ts";
import {
  gpt2,
  GPT2_EMBEDDING,
  GPT2_HEAD,
  type Gpt2Config,
} from "../../models/language/gpt2.ts";
import { decoderPart } from "../decoder_part.ts";
import { hfFolder } from "../hf_folder.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { flag, integer, number, oneOf, optional } from "../schema.ts";
import { gpt2Gguf } from "./gguf_gpt2.ts";
import { sizesFromConfigJson, tensorsFromFolder } from "./hf_gpt2.ts";

/** Brings `gpt2/decoder`. */
export function gpt2Plugin(): Plugin {
  const decoder = decoderPart<Gpt2Config>({
    name: "gpt2/decoder",
    modelTypes: ["gpt2"],
    fields: fields(),
    files: [
      gpt2Gguf(),
      hfFolder({ sizes: sizesFromConfigJson, tensors: tensorsFromFolder }),
    ],
    usual: ({ width }) => ({
      ffnWidth: width && 4 * width,
      context: 1024,
      normEps: 1e-5,
      activation: "gelu_tanh",
      isScaled: true,
      isScaledByLayer: false,
      isTied: true,
    }),
    faultOf: ({ width, heads }) =>
      width % heads === 0
        ? undefined
        : `width ${width} cannot be split into ${heads} heads evenly`,
    model: gpt2,
    names: { embedding: GPT2_EMBEDDING, head: GPT2_HEAD },
  });
  return definePlugin({
    name: "gpt2",
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
    activation: optional(oneOf(...ACTIVATIONS)),
    isScaled: optional(flag()),
    isScaledByLayer: optional(flag()),
    isTied: optional(flag()),
  };
}
