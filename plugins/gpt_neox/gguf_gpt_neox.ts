/**
 * GPT-NeoX models in GGUF files: sizes from the metadata, tensors by their
 * Hugging Face names.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  GPT_NEOX_EMBEDDING,
  GPT_NEOX_HEAD,
  type GptNeoxConfig,
} from "../../models/language/gpt_neox.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { DecoderFiles } from "../decoder_part.ts";
import { permutedRows } from "../derived_tensor.ts";
import { checkPlaces, ggufFile, type GgufNames } from "../gguf_file.ts";
import { ggufBool, ggufF32, ggufU32, type GgufValue } from "../gguf_value.ts";
import type { GgufValues } from "../gguf_values.ts";
import type { PartSource } from "../plugin.ts";

/** GGUF files whose architecture is `gptneox`. */
export function gptNeoxGguf(): DecoderFiles<GptNeoxConfig> {
  return ggufFile({
    architecture: "gptneox",
    names: names(),
    sizes: sizesFromGguf,
    tensor: fromGguf,
    writing: { metadata: metadataOf, tensor: toGguf },
  });
}

function names(): GgufNames {
  return {
    layers: "gpt_neox.layers.",
    layer: {
      attn_norm: "input_layernorm",
      attn_qkv: "attention.query_key_value",
      attn_output: "attention.dense",
      ffn_norm: "post_attention_layernorm",
      ffn_up: "mlp.dense_h_to_4h",
      ffn_down: "mlp.dense_4h_to_h",
    },
    other: {
      "token_embd.weight": GPT_NEOX_EMBEDDING,
      "output_norm.weight": "gpt_neox.final_layer_norm.weight",
      "output_norm.bias": "gpt_neox.final_layer_norm.bias",
      "output.weight": GPT_NEOX_HEAD,
    },
  };
}

/**
 * The format has no place for the activation.
 *
 * @throws {RookeryError} `config` for scaled rotary positions
 */
function sizesFromGguf(
  read: GgufValues,
  { shapes }: PartSource,
): KnownSizes<GptNeoxConfig> {
  read.allow("rope.scaling.type", "none");
  return {
    layers: read.number("block_count"),
    width: read.number("embedding_length"),
    heads: read.number("attention.head_count"),
    ffnWidth: read.number("feed_forward_length"),
    vocabulary: shapes.get("token_embd.weight")?.[0] ??
      read.number("vocab_size"),
    context: read.number("context_length"),
    normEps: read.number("attention.layer_norm_epsilon"),
    ropeTheta: read.number("rope.freq_base"),
    rotaryDims: read.number("rope.dimension_count"),
    isParallel: read.flag("use_parallel_residual"),
    hasAttentionBias: shapes.has("blk.0.attn_qkv.bias"),
    isTied: !shapes.has("output.weight"),
  };
}

/**
 * All queries lie before all keys and these before all values; they are put
 * back to each head's query, key and value.
 */
function fromGguf(
  name: string,
  tensor: StoredTensor,
  { width, heads }: GptNeoxConfig,
): StoredTensor {
  // A tensor of other sizes stays as it is, to be reported as such.
  const isFused = name.includes(".attn_qkv.") && tensor.shape[0] === 3 * width;
  return isFused ? byHead(tensor, width, heads) : tensor;
}

function byHead(
  tensor: StoredTensor,
  width: number,
  heads: number,
): StoredTensor {
  const headDim = width / heads;
  return permutedRows(tensor, (row) => {
    const head = Math.floor(row / (3 * headDim));
    const part = Math.floor(row / headDim) % 3;
    return part * width + head * headDim + row % headDim;
  });
}

/** The way back of `fromGguf`. */
function toGguf(
  name: string,
  tensor: StoredTensor,
  { width, heads }: GptNeoxConfig,
): StoredTensor {
  if (!name.includes(".attn_qkv.")) return tensor;
  const headDim = width / heads;
  return permutedRows(tensor, (row) => {
    const part = Math.floor(row / width);
    const head = Math.floor(row / headDim) % heads;
    return (3 * head + part) * headDim + row % headDim;
  });
}

/**
 * Metadata below `gptneox.`.
 *
 * @throws {RookeryError} `config` for another activation
 */
function metadataOf(sizes: GptNeoxConfig): Record<string, GgufValue> {
  checkPlaces("gptneox", sizes, { activation: "gelu" });
  return {
    block_count: ggufU32(sizes.layers),
    context_length: ggufU32(sizes.context),
    embedding_length: ggufU32(sizes.width),
    feed_forward_length: ggufU32(sizes.ffnWidth),
    "attention.head_count": ggufU32(sizes.heads),
    "attention.layer_norm_epsilon": ggufF32(sizes.normEps),
    "rope.dimension_count": ggufU32(sizes.rotaryDims),
    "rope.freq_base": ggufF32(sizes.ropeTheta),
    use_parallel_residual: ggufBool(sizes.isParallel),
    vocab_size: ggufU32(sizes.vocabulary),
  };
}
