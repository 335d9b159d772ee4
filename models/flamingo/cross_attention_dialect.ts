/**
 * What the published kinds of gated cross-attention have in common is code;
 * in what they differ is here, as data.
 *
 * Names of OpenFlamingo are those of open_flamingo `src/helpers.py`, of IDEFICS
 * those of transformers `IdeficsGatedCrossAttentionLayer`, of flamingo-mini
 * those of its `GatedCrossAttentionBlock`. The paper published none: its
 * dialect takes OpenFlamingo's.
 *
 * @module
 */

/** The known dialects. */
export type CrossAttentionDialectName =
  | "paper"
  | "open_flamingo"
  | "idefics"
  | "flamingo_mini";

/** Names of a gated feed-forward layer's weights, below the block's prefix. */
export interface GatedFeedForwardNames {
  /** The norm before it. */
  readonly norm: string;
  /** From the model's width to the layer's. */
  readonly up: string;
  /** A second one beside it, whose activation multiplies it; none by default. */
  readonly gate?: string;
  /** Back to the model's width. */
  readonly down: string;
  /** The scalar or vector that opens the layer. */
  readonly alpha: string;
}

/** Names and forms of one dialect; names lie below the block's prefix. */
export interface CrossAttentionDialect {
  /** Layer norm with weight and bias, or RMS norm with weight alone. */
  readonly norm: "layer" | "rms";
  /** The norm of the text before its queries; pictures are not normed. */
  readonly attentionNorm: string;
  /** From text to queries. */
  readonly query: string;
  /** From latents to keys and values: rows of one tensor, or two tensors. */
  readonly keyValue: string | readonly [key: string, value: string];
  /** From heads back to the model's width. */
  readonly out: string;
  /** Norms of each head's queries and keys, where the dialect knows them. */
  readonly headNorms?: readonly [query: string, key: string];
  /** The scalar or vector that opens the attention. */
  readonly alpha: string;
  /** The feed-forward layer after it. */
  readonly feedForward: GatedFeedForwardNames;
  /**
   * Whether keys and values read latents of the language model's width: those
   * of another width pass one projection for all blocks first.
   */
  readonly isAsWideAsText: boolean;
}

/** As open_flamingo has it; the two others of this kind say what differs. */
const OPEN_FLAMINGO: CrossAttentionDialect = {
  norm: "layer",
  attentionNorm: "attn.norm",
  query: "attn.to_q",
  keyValue: "attn.to_kv",
  out: "attn.to_out",
  alpha: "attn_gate",
  feedForward: { norm: "ff.0", up: "ff.1", down: "ff.3", alpha: "ff_gate" },
  isAsWideAsText: false,
};

/** Names and forms of all dialects. */
export const CROSS_ATTENTION_DIALECTS: Readonly<
  Record<CrossAttentionDialectName, CrossAttentionDialect>
> = {
  // The paper's parameter counts are 12·d² a block, so keys and values are
  // made from as many numbers as the text is wide.
  paper: { ...OPEN_FLAMINGO, isAsWideAsText: true },
  open_flamingo: OPEN_FLAMINGO,
  idefics: {
    norm: "rms",
    attentionNorm: "input_layernorm",
    query: "cross_attn.q_proj",
    keyValue: ["cross_attn.k_proj", "cross_attn.v_proj"],
    out: "cross_attn.o_proj",
    headNorms: ["cross_attn.q_layer_norm", "cross_attn.k_layer_norm"],
    alpha: "alpha_cross_attn",
    feedForward: {
      norm: "post_attention_layernorm",
      up: "mlp.up_proj",
      gate: "mlp.gate_proj",
      down: "mlp.down_proj",
      alpha: "alpha_dense",
    },
    isAsWideAsText: false,
  },
  flamingo_mini: {
    ...OPEN_FLAMINGO,
    alpha: "alpha_attn",
    feedForward: {
      norm: "ffw.0",
      up: "ffw.1",
      down: "ffw.3",
      alpha: "alpha_ffw",
    },
  },
};
