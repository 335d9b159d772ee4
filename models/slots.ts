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
  /** Feature vectors a picture that it is made for; undefined: any number. */
  readonly inputPositions: number | undefined;
  /** Latents a picture, r. */
  readonly latents: number;
  /** Width of a latent, d. */
  readonly width: number;
  /** `features` [b, n, d] → `latents` [b, r, d]. */
  readonly resample: Template;
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
  /** `latents` [t, r, d], `slots` u32 [t], `cache` (state) → `cache`. */
  readonly project: Template;
  /**
   * `x` [b, l, d], `media` u32 [b, l], `mediaTable` u32 [b, t], `cache` →
   * `x` [b, l, d].
   */
  readonly attend: Template;
}

/** Turns text into token ids and back. */
export interface Tokenizer {
  /** Number of ids. */
  readonly vocabularySize: number;
  /** Id of the beginning-of-text token, where there is one. */
  readonly bos: number | undefined;
  /** Id of the end-of-text token, where there is one. */
  readonly eos: number | undefined;
  /**
   * Ids of a text. Marks such as `<|im_start|>` inside it are plain text
   * unless `special` is set.
   */
  encode(text: string, options?: { readonly special?: boolean }): number[];
  /** Text of ids. */
  decode(
    ids: readonly number[],
    options?: { readonly skipSpecial?: boolean },
  ): string;
  /** Id of a token by its exact text. */
  idOf(token: string): number | undefined;
  /** Exact text of a token. */
  tokenOf(id: number): string | undefined;
  /** A decoder that holds back incomplete characters. */
  streamDecoder(): StreamDecoder;
}

/** Decodes ids one by one. */
export interface StreamDecoder {
  /** Takes an id; returns the text that is certain now. */
  push(id: number): string;
  /** Returns what was held back. */
  end(): string;
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
  /** Reads and decodes a picture file, or bytes, with all its checks. */
  read(source: string | Uint8Array): Promise<Picture>;
}
