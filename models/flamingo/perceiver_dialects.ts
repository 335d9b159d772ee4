/**
 * Dialects of the Perceiver Resampler: what each calls its weights, and the
 * sizes and choices where nobody says others.
 *
 * @module
 */

import type { Activation, FeedForwardNames } from "./feed_forward.ts";

/** A weight of learnt embeddings, one row a frame or a picture. */
export interface EmbeddingName {
  /** Its name. */
  readonly name: string;
  /** Sizes between its rows and its width: [N, …between, d]. */
  readonly between: readonly number[];
}

/** What a dialect calls its weights. */
export interface PerceiverNames {
  /** List of layers: attention at `i.0`, feed-forward at `i.1`. */
  readonly layers: string;
  /** Norm of the features, in the attention. */
  readonly normFeatures: string;
  /** Norm of the latents, in the attention. */
  readonly normLatents: string;
  /** Linear layer of the queries. */
  readonly q: string;
  /** Linear layers of keys and values: two, or one with stacked rows. */
  readonly kv: readonly [both: string] | readonly [k: string, v: string];
  /** Linear layer after the attention. */
  readonly out: string;
  /** Norms of each head's queries and keys; undefined: it has none. */
  readonly qkNorms: readonly [q: string, k: string] | undefined;
  /** Of the feed-forward layers. */
  readonly feedForward: FeedForwardNames;
  /** Last norm. */
  readonly norm: string;
  /** Embeddings by frame; undefined: it has none. */
  readonly timeEmbeddings: EmbeddingName | undefined;
  /** Embeddings by picture of a sequence; undefined: it has none. */
  readonly mediaEmbeddings: EmbeddingName | undefined;
}

/** A dialect: names, and what it takes where a config says nothing. */
export interface PerceiverDialect {
  /** Names of its weights. */
  readonly names: PerceiverNames;
  /** Width of latents; undefined: that of the features. */
  readonly width: number | undefined;
  /** Attention heads. */
  readonly heads: number;
  /** Width of a head. */
  readonly headDim: number;
  /** Of the feed-forward layers. */
  readonly activation: Activation;
  /** Frames with an embedding of their own; 0 for none. */
  readonly timeEmbeddings: number;
  /** Whether queries and keys pass norms. */
  readonly hasQkNorms: boolean;
  /** Whether it reads videos without embeddings by frame, in any order. */
  readonly hasUntimedVideo: boolean;
}

/** The dialects. */
export type PerceiverDialectName =
  | "paper"
  | "open_flamingo"
  | "idefics"
  | "flamingo_mini";

/** Names of open_flamingo `src/helpers.py`. */
const OPEN_FLAMINGO: PerceiverNames = {
  layers: "layers",
  normFeatures: "norm_media",
  normLatents: "norm_latents",
  q: "to_q",
  kv: ["to_kv"],
  out: "to_out",
  qkNorms: undefined,
  feedForward: { norm: "0", up: "1", down: "3" },
  norm: "norm",
  timeEmbeddings: { name: "frame_embs", between: [] },
  mediaEmbeddings: { name: "media_time_embs", between: [1] },
};

/** Names of transformers `models/idefics/perceiver.py`. */
const IDEFICS: PerceiverNames = {
  layers: "blocks",
  normFeatures: "context_layer_norm",
  normLatents: "latents_layer_norm",
  q: "q_proj",
  kv: ["k_proj", "v_proj"],
  out: "output_proj",
  qkNorms: ["q_layer_norm", "k_layer_norm"],
  feedForward: { norm: "ln", up: "fc", down: "c_proj" },
  norm: "layer_norm",
  timeEmbeddings: undefined,
  mediaEmbeddings: undefined,
};

/** Names of flamingo-mini `perceiver_resampler.py`. */
const FLAMINGO_MINI: PerceiverNames = {
  ...OPEN_FLAMINGO,
  kv: ["to_k", "to_v"],
  timeEmbeddings: { name: "time_pos_emb", between: [1] },
  mediaEmbeddings: undefined,
};

/**
 * The dialects by name. `paper` (Flamingo, section 2.1 and appendices A.1.1
 * and B.1.2) was never published, so its names are OpenFlamingo's; its head
 * width is 96 by the text and 128 by the parameter count.
 */
export const PERCEIVER_DIALECTS: Readonly<
  Record<PerceiverDialectName, PerceiverDialect>
> = {
  paper: {
    names: OPEN_FLAMINGO,
    width: 1536,
    heads: 16,
    headDim: 96,
    activation: "squared_relu",
    timeEmbeddings: 8,
    hasQkNorms: false,
    hasUntimedVideo: true,
  },
  open_flamingo: {
    names: OPEN_FLAMINGO,
    width: undefined,
    heads: 8,
    headDim: 64,
    activation: "gelu",
    timeEmbeddings: 0,
    hasQkNorms: false,
    hasUntimedVideo: false,
  },
  idefics: {
    names: IDEFICS,
    width: undefined,
    heads: 16,
    headDim: 96,
    activation: "relu",
    timeEmbeddings: 0,
    hasQkNorms: true,
    hasUntimedVideo: true,
  },
  flamingo_mini: {
    names: FLAMINGO_MINI,
    width: undefined,
    heads: 8,
    headDim: 64,
    activation: "gelu",
    timeEmbeddings: 4,
    hasQkNorms: false,
    hasUntimedVideo: true,
  },
};
