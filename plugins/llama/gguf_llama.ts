/**
 * LLaMA models in GGUF files: sizes from the metadata, tensors by their
 * Hugging Face names.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { permutedRows } from "../derived_tensor.ts";
import type { PartSource, TensorMap } from "../plugin.ts";
import type { LlamaSizes } from "./llama_sizes.ts";

/** Names of a layer's tensors, after `blk.N.` and after `model.layers.N.`. */
const LAYER_NAMES: ReadonlyMap<string, string> = new Map([
  ["attn_norm", "input_layernorm"],
  ["attn_q", "self_attn.q_proj"],
  ["attn_k", "self_attn.k_proj"],
  ["attn_v", "self_attn.v_proj"],
  ["attn_output", "self_attn.o_proj"],
  ["ffn_norm", "post_attention_layernorm"],
  ["ffn_gate", "mlp.gate_proj"],
  ["ffn_up", "mlp.up_proj"],
  ["ffn_down", "mlp.down_proj"],
]);

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["token_embd.weight", "model.embed_tokens.weight"],
  ["output_norm.weight", "model.norm.weight"],
  ["output.weight", "lm_head.weight"],
]);

/**
 * Sizes that a GGUF file's metadata and tensors tell.
 *
 * @throws {RookeryError} `file` for values of the wrong kind, `config` for
 * scaled rotary positions
 */
export function sizesFromGguf(
  { path, metadata, shapes }: Pick<PartSource, "path" | "metadata" | "shapes">,
): LlamaSizes {
  checkRope(path, metadata, shapes);
  const read = (key: string): number | undefined => {
    const value = plainNumber(metadata[`llama.${key}`]);
    if (value === undefined || typeof value === "number") return value;
    throw cannotRead(
      path,
      `its metadata llama.${key} is ${quoted(value)}: it must be a number`,
      { actual: value },
    );
  };
  const width = read("embedding_length");
  const heads = read("attention.head_count");
  const perHead = width && heads ? width / heads : undefined;
  return {
    layers: read("block_count"),
    width,
    heads,
    kvHeads: read("attention.head_count_kv") ?? heads,
    headDim: read("attention.key_length") ?? read("rope.dimension_count") ??
      perHead,
    ffnWidth: read("feed_forward_length"),
    vocabulary: shapes.get("token_embd.weight")?.[0] ?? read("vocab_size"),
    normEps: read("attention.layer_norm_rms_epsilon"),
    ropeTheta: read("rope.freq_base") ?? 10_000,
    context: read("context_length"),
    isTied: !shapes.has("output.weight"),
  };
}

/** A number; a list of equal numbers, one a layer, is one number. */
function plainNumber(value: unknown): unknown {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return value;
  const values = new Set(value as unknown as Iterable<unknown>);
  return values.size === 1 ? [...values][0] : value;
}

function checkRope(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
  shapes: PartSource["shapes"],
): void {
  const named = metadata["llama.rope.scaling.type"] ?? "none";
  const kind = named !== "none"
    ? named
    : shapes.has("rope_freqs.weight")
    ? "llama3 (tensor rope_freqs.weight)"
    : undefined;
  if (kind === undefined) return;
  throw new RookeryError(
    "config",
    `Cannot run ${path} as its rotary positions are scaled by ${kind}: only ` +
      "unscaled ones are supported",
    { path, expected: "none", actual: kind },
  );
}

/**
 * Tensors of a GGUF file under their Hugging Face names. Rows of q and k are
 * stored with the two halves of each head interleaved; they are put back.
 */
export function tensorsFromGguf(
  tensors: TensorMap,
  { heads, kvHeads, headDim }: {
    readonly heads: number;
    readonly kvHeads: number;
    readonly headDim: number;
  },
): TensorMap {
  const renamed = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const [, layer, inner, rest] = /^blk\.(\d+)\.(\w+)\.(.+)$/.exec(name) ?? [];
    const known = inner === undefined ? undefined : LAYER_NAMES.get(inner);
    if (known === undefined) {
      renamed.set(OTHER_NAMES.get(name) ?? name, tensor);
      continue;
    }
    const count = { attn_q: heads, attn_k: kvHeads }[inner!];
    // A tensor of other sizes stays as it is, to be reported as such.
    const isRotary = count !== undefined &&
      tensor.shape[0] === count * headDim;
    renamed.set(
      `model.layers.${layer}.${known}.${rest}`,
      isRotary ? uninterleaved(tensor, headDim) : tensor,
    );
  }
  return renamed;
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
