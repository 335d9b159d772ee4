/**
 * LLaMA models in GGUF files: sizes from the metadata, tensors by their
 * Hugging Face names.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  LLAMA_EMBEDDING,
  LLAMA_HEAD,
  type LlamaConfig,
} from "../../models/language/llama.ts";
import type { RopeScaling } from "../../models/language/rope_scaling.ts";
import { quoted } from "../cannot_read.ts";
import type { KnownSizes } from "../completed_sizes.ts";
import type { DecoderFiles } from "../decoder_part.ts";
import { permutedRows } from "../derived_tensor.ts";
import { ggufFile, type GgufNames } from "../gguf_file.ts";
import type { GgufValues } from "../gguf_values.ts";
import type { PartSource } from "../plugin.ts";
import { metadataOf, ROPE_FACTORS, ropeFactors } from "./gguf_metadata.ts";

/** GGUF files whose architecture is `llama`. */
export function llamaGguf(): DecoderFiles<LlamaConfig> {
  return ggufFile({
    architecture: "llama",
    names: names(),
    sizes: sizesFromGguf,
    tensor: fromGguf,
    writing: {
      metadata: metadataOf,
      tensor: toGguf,
      extra: ropeFactors,
    },
  });
}

function names(): GgufNames {
  return {
    layers: "model.layers.",
    layer: {
      attn_norm: "input_layernorm",
      attn_q: "self_attn.q_proj",
      attn_k: "self_attn.k_proj",
      attn_v: "self_attn.v_proj",
      attn_output: "self_attn.o_proj",
      ffn_norm: "post_attention_layernorm",
      ffn_gate: "mlp.gate_proj",
      ffn_up: "mlp.up_proj",
      ffn_down: "mlp.down_proj",
    },
    other: {
      "token_embd.weight": LLAMA_EMBEDDING,
      "output_norm.weight": "model.norm.weight",
      "output.weight": LLAMA_HEAD,
    },
  };
}

/**
 * Sizes that a GGUF file's metadata and tensors tell.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * other kinds of scaled rotary positions
 */
async function sizesFromGguf(
  read: GgufValues,
  { shapes, values }: PartSource,
): Promise<KnownSizes<LlamaConfig>> {
  const factors = await values(ROPE_FACTORS);
  return {
    layers: read.number("block_count"),
    width: read.number("embedding_length"),
    heads: read.number("attention.head_count"),
    kvHeads: read.number("attention.head_count_kv"),
    headDim: read.number("attention.key_length") ??
      read.number("rope.dimension_count"),
    ffnWidth: read.number("feed_forward_length"),
    vocabulary: shapes.get("token_embd.weight")?.[0] ??
      read.number("vocab_size"),
    normEps: read.number("attention.layer_norm_rms_epsilon"),
    ropeTheta: read.number("rope.freq_base"),
    ropeScaling: scalingOf(read, factors),
    context: read.number("context_length"),
    hasAttentionBias: shapes.has("blk.0.attn_q.bias"),
    hasFfnBias: shapes.has("blk.0.ffn_gate.bias"),
    isTied: !shapes.has("output.weight"),
  };
}

/** How rotary positions are scaled, by metadata or by a tensor of factors. */
function scalingOf(
  read: GgufValues,
  factors: Float32Array<ArrayBuffer> | undefined,
): RopeScaling {
  const old = read.number("rope.scale_linear");
  const factor = read.number("rope.scaling.factor") ?? old;
  const kind = read.text("rope.scaling.type") ??
    (factor === undefined ? "none" : "linear");
  read.allow("rope.scaling.attn_factor", 1);
  if (factors === undefined) {
    if (kind === "none") return { kind };
    if (kind === "linear") return { kind, factor };
    if (kind === "yarn") {
      const original = read.number("rope.scaling.original_context_length") ??
        read.number("context_length");
      return { kind, factor, originalContext: original };
    }
  } else if (kind === "none") return { kind: "factors", factors: [...factors] };
  throw read.refusal(
    `its rotary positions are scaled by ${quoted(kind)}` +
      (factors === undefined ? "" : ` and by ${ROPE_FACTORS}`),
    `"none", "linear", "yarn" or ${ROPE_FACTORS} alone`,
  );
}

/**
 * Rows of q and k are stored with the two halves of each head interleaved;
 * they are put back.
 */
function fromGguf(
  name: string,
  tensor: StoredTensor,
  { heads, kvHeads, headDim }: LlamaConfig,
): StoredTensor | undefined {
  if (name === ROPE_FACTORS) return undefined;
  const [, kind] = /^blk\.\d+\.attn_([qk])\./.exec(name) ?? [];
  const rows = kind && headDim * (kind === "q" ? heads : kvHeads);
  // A tensor of other sizes stays as it is, to be reported as such.
  return rows === tensor.shape[0] ? uninterleaved(tensor, headDim) : tensor;
}

/** The way back of `fromGguf`. */
function toGguf(
  name: string,
  tensor: StoredTensor,
  { headDim }: LlamaConfig,
): StoredTensor {
  return /\.attn_[qk]\./.test(name) ? interleaved(tensor, headDim) : tensor;
}

/** Row `half · k/2 + pair` of a head lies at row `2 · pair + half`. */
function uninterleaved(tensor: StoredTensor, headDim: number): StoredTensor {
  const pairs = headDim / 2;
  return permutedRows(tensor, (row) => {
    const within = row % headDim;
    const half = Math.floor(within / pairs);
    return row - within + 2 * (within % pairs) + half;
  });
}

/** Row `2 · pair + half` of a head lies at row `half · k/2 + pair`. */
function interleaved(tensor: StoredTensor, headDim: number): StoredTensor {
  const pairs = headDim / 2;
  return permutedRows(tensor, (row) => {
    const within = row % headDim;
    return row - within + (within % 2) * pairs + Math.floor(within / 2);
  });
}
