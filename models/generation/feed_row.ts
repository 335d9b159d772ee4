/**
 * Chunks on their way into sequences, in pieces that programs take.
 *
 * @module
 */

import type { Chunk, Sequence } from "./sequence.ts";

/** A chunk that is to be fed. */
export interface FeedRow {
  /** The sequence. */
  readonly sequence: Sequence;
  /** Tokens to feed. */
  readonly chunk: Chunk;
  /** Most tokens to draw after its last token, in this run and the next. */
  readonly draws: number;
}

/** One row of a step. */
export interface StepRow {
  /** The sequence. */
  readonly sequence: Sequence;
  /** Known tokens to feed first; none to go on from the last drawn token. */
  readonly chunk?: Chunk;
  /** Most tokens to draw in this step; 0 only feeds. At most 64. */
  readonly draws: number;
}

/** A sequence that draws tokens. */
export interface DrawRow {
  /** The sequence. */
  readonly sequence: Sequence;
  /** Most tokens to draw. */
  readonly draws: number;
}

/** One row to score. */
export interface ScoreRow {
  /** The sequence; its state moves on past the chunk. */
  readonly sequence: Sequence;
  /** Tokens to feed. */
  readonly chunk: Chunk;
  /** For each token of the chunk, the token whose chance after it is asked. */
  readonly targets: readonly number[];
}

/** One token after a sequence. */
export interface NextRow {
  /** The sequence; its state moves on past the token. */
  readonly sequence: Sequence;
  /** The token. */
  readonly token: number;
  /** How many pictures came up to it. */
  readonly media: number;
}

/** Puts a drawn token that is not in the cache yet before a chunk. */
export function withPending(row: FeedRow): FeedRow {
  const { sequence, chunk } = row;
  if (!sequence.hasPending) return row;
  const tokens = [sequence.samples.at(-1)!.token, ...chunk.tokens];
  const media = [sequence.media, ...chunk.media];
  return { ...row, chunk: { tokens, media } };
}

/** The first `length` tokens of a row, and what is left. */
export function cut(
  row: FeedRow,
  length: number,
): { now: FeedRow; rest?: FeedRow } {
  const { tokens, media } = row.chunk;
  if (tokens.length <= length) return { now: row };
  const part = (from: number, to?: number): Chunk => ({
    tokens: tokens.slice(from, to),
    media: media.slice(from, to),
  });
  return {
    now: { ...row, chunk: part(0, length), draws: 0 },
    rest: { ...row, chunk: part(length) },
  };
}
