/**
 * MPT models in GGUF files: sizes from the metadata, tensors by their Hugging
 * Face names.
 *
 * @module
 */

import {
  MPT_EMBEDDING,
  MPT_HEAD,
  type MptConfig,
} from "../../models/language/mpt.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { DecoderFiles } from "../decoder_part.ts";
import { checkPlaces, ggufFile, type GgufNames } from "../gguf_file.ts";
import { ggufF32, ggufU32, type GgufValue } from "../gguf_value.ts";
import type { GgufValues } from "../gguf_values.ts";
import type { PartSource } from "../plugin.ts";

/** GGUF files whose architecture is `mpt`. */
export function mptGguf(): DecoderFiles<MptConfig> {
  return ggufFile({
    architecture: "mpt",
    names: names(),
    sizes: sizesFromGguf,
    writing: { metadata: metadataOf },
  });
}

function names(): GgufNames {
  return {
    layers: "transformer.blocks.",
    layer: {
      attn_norm: "norm_1",
      attn_qkv: "attn.Wqkv",
      attn_q_norm: "attn.q_ln",
      attn_k_norm: "attn.k_ln",
      attn_output: "attn.out_proj",
      ffn_norm: "norm_2",
      ffn_up: "ffn.up_proj",
      ffn_down: "ffn.down_proj",
    },
    other: {
      "token_embd.weight": MPT_EMBEDDING,
      "position_embd.weight": "transformer.wpe.weight",
      "output_norm.weight": "transformer.norm_f.weight",
      "output_norm.bias": "transformer.norm_f.bias",
      "output.weight": MPT_HEAD,
    },
  };
}

/** The format has no place for the scales of attention and of the logits. */
function sizesFromGguf(
  read: GgufValues,
  { shapes }: PartSource,
): KnownSizes<MptConfig> {
  // 0 stands for none of it.
  const clip = read.number("attention.clamp_kqv");
  const alibi = read.number("attention.max_alibi_bias");
  const isLearned = shapes.has("position_embd.weight") && !alibi;
  return {
    layers: read.number("block_count"),
    width: read.number("embedding_length"),
    heads: read.number("attention.head_count"),
    kvHeads: read.number("attention.head_count_kv"),
    ffnWidth: shapes.get("blk.0.ffn_up.weight")?.[0] ??
      read.number("feed_forward_length"),
    vocabulary: shapes.get("token_embd.weight")?.[0] ??
      read.number("vocab_size"),
    context: read.number("context_length"),
    normEps: read.number("attention.layer_norm_epsilon"),
    positions: isLearned ? "learned" : "alibi",
    alibiBiasMax: alibi || undefined,
    clipQkv: clip || undefined,
    hasQkNorm: shapes.has("blk.0.attn_q_norm.weight"),
    hasBias: shapes.has("blk.0.attn_qkv.bias"),
    isTied: !shapes.has("output.weight"),
  };
}

/**
 * Metadata below `mpt.`; 0 stands for no alibi.
 *
 * @throws {RookeryError} `config` for other scales of attention or logits
 */
function metadataOf(sizes: MptConfig): Record<string, GgufValue> {
  const { width, heads, positions, alibiBiasMax, clipQkv } = sizes;
  checkPlaces("mpt", sizes, {
    softmaxScale: 1 / Math.sqrt(width / heads),
    logitScale: 1,
  });
  const alibi = positions === "alibi" ? alibiBiasMax : 0;
  return {
    block_count: ggufU32(sizes.layers),
    context_length: ggufU32(sizes.context),
    embedding_length: ggufU32(width),
    feed_forward_length: ggufU32(sizes.ffnWidth),
    "attention.head_count": ggufU32(heads),
    "attention.head_count_kv": ggufU32(sizes.kvHeads),
    "attention.layer_norm_epsilon": ggufF32(sizes.normEps),
    "attention.max_alibi_bias": ggufF32(alibi),
    ...(clipQkv === Infinity
      ? {}
      : { "attention.clamp_kqv": ggufF32(clipQkv) }),
    vocab_size: ggufU32(sizes.vocabulary),
  };
}
