/**
 * Looking into a model: inner values of known tokens and pictures.
 *
 * @module
 */

import type { Shape } from "../../core/shape.ts";
import type { ScoreRow } from "./feed_row.ts";
import type { PicturePixels } from "./picture_jobs.ts";
import type { Chunk, Sequence } from "./sequence.ts";

/** An inner value. */
export interface NamedValue {
  /** Sizes. */
  readonly shape: Shape;
  /** Numbers, row-major. */
  readonly values: Float32Array;
}

/** Inner values by full name: the prefix of a block's weights and a label. */
export type NamedValues = ReadonlyMap<string, NamedValue>;

/** What was seen of a chunk. */
export interface ChunkObservation {
  /** Logits [v] after each of its tokens. */
  readonly logits: readonly Float32Array[];
  /** Values that the taps name; those by token are [l, h, k]. */
  readonly values: NamedValues;
}

/** Runs what is to be looked at, by programs of its own. */
export interface Observer {
  /** Feeds a chunk to a sequence; gives logits and the values of taps. */
  chunk(
    sequence: Sequence,
    chunk: Chunk,
    taps: readonly string[],
  ): Promise<ChunkObservation>;
  /** Values of taps for a picture or video, `index` pictures before it. */
  picture(
    pixels: PicturePixels,
    index: number,
    taps: readonly string[],
  ): Promise<NamedValues>;
  /**
   * Log-likelihood of each target after the chunk's token at its place, in
   * runs of as many tokens as programs take; `isClosed`: without gated blocks.
   */
  score(
    row: ScoreRow,
    view?: { readonly isClosed?: boolean },
  ): Promise<Float32Array>;
}
