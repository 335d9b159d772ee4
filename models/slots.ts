/**
 * The contracts of the parts that a model is assembled from. A plugin's part
 * fills one of these slots; models know the contracts, never the plugins.
 *
 * @module
 */

import type { Template } from "../core/template.ts";

/** Turns pixels into features. */
export interface VisionEncoder {
  /** Side of the square picture it wants, in pixels. */
  readonly px: number;
  /** Feature vectors a picture, n. */
  readonly positions: number;
  /** Width of a feature vector, d. */
  readonly width: number;
  /** `pixels` [b, 3, px, px] → `features` [b, n, d]. */
  readonly encode: Template;
}

/** Turns any number of features into a fixed number of latents. */
export interface Resampler {
  /** Width of the features it reads, d. */
  readonly inputWidth: number;
  /** Feature vectors a frame that it is made for; undefined: any number. */
  readonly inputPositions: number | undefined;
  /** Latents a picture or video, r. */
  readonly latents: number;
  /** Width of a latent, d. */
  readonly width: number;
  /** Most frames of a video that it reads; undefined: any number. */
  readonly frames?: number | undefined;
  /**
   * Whether `resample` reads `index` u32 [b] too: how many pictures came
   * before this one in its sequence.
   */
  readonly readsIndex?: boolean;
  /** Most pictures of a sequence that it tells apart; undefined: any number. */
  readonly pictures?: number | undefined;
  /** Whether latent i is made of feature vector i alone. */
  readonly isPointwise?: boolean;
  /**
   * `features` [b, f, n, d] of f frames (a picture is a video of one) →
   * `latents` [b, r, d]. So that maps can show what latents were made of, its
   * readings i = 0, 1, … name their queries `reads.i.query` [b, r, h, k] and
   * their keys [b, s, h, k] `reads.i.features`, `reads.i.latents` or, features
   * first, `reads.i.both`; scores are scaled by 1 / √k.
   */
  readonly resample: Template;
}

/**
 * The twin of a vision encoder: turns a text into one vector, and a picture's
 * features into another that it can be compared with.
 */
export interface TextEncoder {
  /** Most tokens of a text. */
  readonly context: number;
  /** Rows of the embedding, v. */
  readonly vocabulary: number;
  /** Width of the vectors that are compared, e. */
  readonly width: number;
  /** Width of the features that `project` reads, d. */
  readonly visionWidth: number;
  /** Place in a text of the token whose vector stands for all of it. */
  endOf(ids: readonly number[]): number;
  /**
   * `ids` u32 [b, l], `ends` u32 [b] (row · l + place) → `embeds` [b, e]. What
   * comes after a text's end changes nothing.
   */
  readonly encode: Template;
  /** `features` [b, n, d] of pictures → `embeds` [b, e]. */
  readonly project: Template;
  /**
   * No input → `logScale` [1]: the natural logarithm of what cosines are
   * multiplied by.
   */
  readonly temperature: Template;
}

/** One block of a language model, and where its weights lie. */
export interface DecoderBlock {
  /**
   * `x` [b, l, d], `positions` u32 [b, l], `cache` (state), `control`,
   * `table` → `x`, `cache`.
   */
  readonly template: Template;
  /** Prefix of its weights. */
  readonly prefix: string;
}

/** An autoregressive language model as a list of blocks. */
export interface LanguageModel {
  /** Width of the residual stream, d. */
  readonly width: number;
  /** Rows of the embedding, v. */
  readonly vocabulary: number;
  /** Longest sequence it was made for, in tokens. */
  readonly context: number;
  /** Heads of the KV cache, g, and their width, k. */
  readonly cache: { readonly heads: number; readonly headDim: number };
  /** `ids` u32 [b, l], `control` → `x` [b, l, d], `positions` u32 [b, l]. */
  readonly embed: DecoderBlock;
  /** Its layers, in order. */
  readonly blocks: readonly DecoderBlock[];
  /** `x` [.., d] → `logits` [.., v]. */
  readonly head: DecoderBlock;
}

/** A gated cross-attention block before some layer. */
export interface GatedBlock {
  /** Index of the layer that it precedes. */
  readonly layer: number;
  /** Prefix of its weights. */
  readonly prefix: string;
}

/** Gated cross-attention between a language model's layers. */
export interface CrossAttention {
  /** Where its blocks stand, by rising layer. */
  readonly blocks: readonly GatedBlock[];
  /** Heads of the media cache, their width k, and latents a picture, r. */
  readonly cache: {
    readonly heads: number;
    readonly headDim: number;
    readonly latents: number;
  };
  /** Width of the latents it reads, d. */
  readonly mediaWidth: number;
  /**
   * Which pictures a token reads: its latest, or all up to it. Left out, what is
   * right for both is done; `latest` lets pictures go early.
   */
  readonly attendTo?: "latest" | "all";
  /**
   * `latents` [t, r, d] → `latents` [t, r, e], once per picture before any
   * block's `project`, with weights of no block. Left out: e = d, unchanged.
   */
  readonly adapt?: Template;
  /**
   * `latents` [t, r, e], `slots` u32 [t], `cache` (state) → `cache`. Keys
   * [t, r, h, k] that are named `media_key` can be shown in maps.
   */
  readonly project: Template;
  /**
   * `x` [b, l, d], `media` u32 [b, l], `mediaTable` u32 [b, t], `cache` →
   * `x` [b, l, d]. Queries [b, l, h, k] that are named `media_query`, scaled by
   * 1 / √k, can be shown in maps; gates, `tanh` applied, are named
   * `attention_gate` and `dense_gate`.
   */
  readonly attend: Template;
}

/** Options of `Tokenizer.encode`. */
export interface EncodeTextOptions {
  /** Whether tokens such as `<|im_start|>` in the text become their one id. */
  readonly special?: boolean;
}

/** Options of `Tokenizer.decode` and `Tokenizer.streamDecoder`. */
export interface DecodeTextOptions {
  /** Whether special tokens are left out of the text. */
  readonly skipSpecial?: boolean;
}

/** Turns ids into text one by one, as a model makes them. */
export interface StreamDecoder {
  /** Takes an id; gives the text that is complete now, possibly none. */
  push(id: number): string;
  /** Gives what was held back: bytes of a character that never ended. */
  end(): string;
}

/** A vocabulary with the rules that cut text into its tokens. */
export interface Tokenizer {
  /** Number of ids; all are below it. */
  readonly vocabularySize: number;
  /** False where there is no vocabulary, so that text is refused. */
  readonly hasText?: boolean;
  /** Id that begins a text, undefined where the model has none. */
  readonly bos: number | undefined;
  /** Id that ends a text, undefined where the model has none. */
  readonly eos: number | undefined;
  /**
   * Ids of a text. Nothing is added to it, and special tokens written in it
   * are plain text unless `special` is set.
   */
  encode(text: string, options?: EncodeTextOptions): number[];
  /** Text of ids; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[], options?: DecodeTextOptions): string;
  /** Id of a token as the vocabulary spells it. */
  idOf(token: string): number | undefined;
  /** The vocabulary's spelling of an id. */
  tokenOf(id: number): string | undefined;
  /** A new decoder for one stream of ids. */
  streamDecoder(options?: DecodeTextOptions): StreamDecoder;
}

/** A decoded picture: 8-bit RGBA, straight alpha. */
export interface Picture {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** RGBA, row-major. */
  readonly data: Uint8Array;
}

/** Turns pictures into pixels that a vision encoder reads. */
export interface ImageProcessor {
  /** Side of the square result, in pixels. */
  readonly px: number;
  /** Normalised pixels [3, px, px] of a picture. */
  process(picture: Picture): Float32Array<ArrayBuffer>;
  /** The same before normalising: px × px, as the encoder is shown it. */
  view?(picture: Picture): Picture;
  /** Reads and decodes a picture file, or bytes, with all its checks. */
  read(source: string | Uint8Array): Promise<Picture>;
  /**
   * Frames of a video file in order, at most `most`: of a GIF evenly spaced
   * from the first to the last, of other videos `rate` a second (default 3) from
   * the beginning. Left out: it reads no videos.
   */
  readFrames?(
    source: string | Uint8Array,
    most: number,
    rate?: number,
  ): Promise<Picture[]>;
}
