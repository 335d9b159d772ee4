/**
 * The LLaMA family as a plugin: GGUF files and Hugging Face folders.
 *
 * @module
 */

import { ACTIVATIONS } from "../../models/language/activation.ts";
import {
  llama,
  LLAMA_EMBEDDING,
  LLAMA_HEAD,
  type LlamaConfig,
} from "../../models/language/llama.ts";
import {
  ROPE_SCALINGS,
  type RopeScaling,
} from "../../models/language/rope_scaling.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import { decoderPart } from "../decoder_part.ts";
import { hfFolder } from "../hf_folder.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import {
  flag,
  integer,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  type Schema,
} from "../schema.ts";
import { llamaGguf } from "./gguf_llama.ts";
import { sizesFromConfigJson, tensorsFromFolder } from "./hf_llama.ts";

/** Brings `llama/decoder`. */
export function llamaPlugin(): Plugin {
  const decoder = decoderPart<LlamaConfig>({
    name: "llama/decoder",
    modelTypes: ["llama"],
    fields: fields(),
    files: [
      llamaGguf(),
      hfFolder({ sizes: sizesFromConfigJson, tensors: tensorsFromFolder }),
    ],
    usual: usualSizes,
    faultOf,
    model: llama,
    names: { embedding: LLAMA_EMBEDDING, head: LLAMA_HEAD },
  });
  return definePlugin({
    name: "llama",
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
    headDim: optional(integer(2)),
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    normEps: optional(number(0)),
    ropeTheta: optional(number(1)),
    ropeScaling: optional(ropeScaling()),
    context: optional(integer()),
    activation: optional(oneOf(...ACTIVATIONS)),
    hasAttentionBias: optional(flag()),
    hasFfnBias: optional(flag()),
    isTied: optional(flag()),
  };
}

function ropeScaling(): Schema<RopeScaling> {
  return objectOf({
    kind: oneOf(...ROPE_SCALINGS),
    factor: optional(number(0)),
    originalContext: optional(integer()),
    lowTurns: optional(number(0)),
    highTurns: optional(number(0)),
    betaFast: optional(number(0)),
    betaSlow: optional(number(0)),
    isTruncated: optional(flag()),
    attentionFactor: optional(number(0)),
    factors: optional(listOf(number(0))),
  });
}

function usualSizes(
  { width, heads }: KnownSizes<LlamaConfig>,
): KnownSizes<LlamaConfig> {
  return {
    kvHeads: heads,
    headDim: width && heads && width / heads,
    normEps: 1e-6,
    ropeTheta: 10_000,
    ropeScaling: { kind: "none" },
    activation: "silu",
    hasAttentionBias: false,
    hasFfnBias: false,
    isTied: false,
  };
}

function faultOf(
  { heads, kvHeads, headDim }: LlamaConfig,
): string | undefined {
  return heads % kvHeads !== 0
    ? `${heads} heads cannot share ${kvHeads} key and value heads evenly`
    : headDim % 2 !== 0 || !Number.isInteger(headDim)
    ? `heads of width ${headDim} cannot be rotated in pairs`
    : undefined;
}
