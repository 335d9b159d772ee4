/**
 * GPT-2 models in GGUF files: sizes from the metadata, tensors by their Hugging
 * Face names. Matrices of layers lie as [out, in] there.
 *
 * @module
 */

import {
  GPT2_EMBEDDING,
  GPT2_HEAD,
  type Gpt2Config,
} from "../../models/language/gpt2.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { DecoderFiles } from "../decoder_part.ts";
import { checkPlaces, ggufFile, type GgufNames } from "../gguf_file.ts";
import { ggufF32, ggufU32, type GgufValue } from "../gguf_value.ts";
import type { GgufValues } from "../gguf_values.ts";
import type { PartSource } from "../plugin.ts";

/** GGUF files whose architecture is `gpt2`. */
export function gpt2Gguf(): DecoderFiles<Gpt2Config> {
  return ggufFile({
    architecture: "gpt2",
    names: names(),
    sizes: sizesFromGguf,
    writing: { metadata: metadataOf },
  });
}

function names(): GgufNames {
  return {
    layers: "transformer.h.",
    layer: {
      attn_norm: "ln_1",
      attn_qkv: "attn.c_attn",
      attn_output: "attn.c_proj",
      ffn_norm: "ln_2",
      ffn_up: "mlp.c_fc",
      ffn_down: "mlp.c_proj",
    },
    other: {
      "token_embd.weight": GPT2_EMBEDDING,
      "position_embd.weight": "transformer.wpe.weight",
      "output_norm.weight": "transformer.ln_f.weight",
      "output_norm.bias": "transformer.ln_f.bias",
      "output.weight": GPT2_HEAD,
    },
  };
}

/** The format has no place for the activation and the scales of attention. */
function sizesFromGguf(
  read: GgufValues,
  { shapes }: PartSource,
): KnownSizes<Gpt2Config> {
  return {
    layers: read.number("block_count"),
    width: read.number("embedding_length"),
    heads: read.number("attention.head_count"),
    ffnWidth: read.number("feed_forward_length"),
    vocabulary: shapes.get("token_embd.weight")?.[0] ??
      read.number("vocab_size"),
    context: shapes.get("position_embd.weight")?.[0] ??
      read.number("context_length"),
    normEps: read.number("attention.layer_norm_epsilon"),
    isTied: !shapes.has("output.weight"),
  };
}

/**
 * Metadata below `gpt2.`.
 *
 * @throws {RookeryError} `config` for another activation or scale of attention
 */
function metadataOf(sizes: Gpt2Config): Record<string, GgufValue> {
  checkPlaces("gpt2", sizes, {
    activation: "gelu_tanh",
    isScaled: true,
    isScaledByLayer: false,
  });
  return {
    block_count: ggufU32(sizes.layers),
    context_length: ggufU32(sizes.context),
    embedding_length: ggufU32(sizes.width),
    feed_forward_length: ggufU32(sizes.ffnWidth),
    "attention.head_count": ggufU32(sizes.heads),
    "attention.layer_norm_epsilon": ggufF32(sizes.normEps),
    vocab_size: ggufU32(sizes.vocabulary),
  };
}
