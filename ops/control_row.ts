/**
 * The control row: what a sequence's steps read and change on the device, as
 * u32 words. One row per sequence; the sampling op advances it, so that several
 * steps go out in one submit. Not an op.
 *
 * @module
 */

/** Most stop tokens of a row. */
export const STOP_TOKENS = 32;

/** Entries of the ring of samples: most steps between two readbacks. */
export const RING_ENTRIES = 64;

/** Offsets of the fields of a control row, in u32 words. */
export const CONTROL = {
  /** Token to feed next. */
  token: 0,
  /** Tokens that the cache holds before this call. */
  position: 1,
  /** Valid tokens of this call's chunk; 0 when the row is done or idle. */
  count: 2,
  /** Ordinal of the latest picture, 1 for the first; 0 for none yet. */
  media: 3,
  /** 1 when nothing is left to sample. */
  done: 4,
  /** Tokens sampled so far. */
  drawn: 5,
  /** Most tokens to sample. */
  limit: 6,
  /** Seed of the draws. */
  seed: 7,
  /** f32 bits; 0 takes the likeliest token. */
  temperature: 8,
  /** Tokens that a draw is limited to; 0 is off. */
  topK: 9,
  /** f32 bits: mass that a draw is limited to; 1 is off. */
  topP: 10,
  /** f32 bits: least chance as a share of the best token's; 0 is off. */
  minP: 11,
  /** f32 bits: repetition penalty; 1 is off. */
  penalty: 12,
  /** f32 bits: taken off a token's logit for each time that it was drawn. */
  frequency: 13,
  /** f32 bits: taken off a token's logit once it was drawn. */
  presence: 14,
  /** Place of the row's block of adjustments, in words, plus 1; 0 for none. */
  adjust: 15,
  /** Draws that the counts of the block include; later ones are in the ring. */
  counted: 16,
  /** How many of the likeliest tokens are noted at each draw; 0 is off. */
  top: 17,
  /** Why nothing could be drawn, see `CONTROL_ERROR`; 0 while all is well. */
  error: 18,
  /** Stop tokens in use, at most `STOP_TOKENS`. */
  stopCount: 19,
  /** First stop token. */
  stops: 20,
  /** First entry of the ring of samples: token, then log-likelihood (f32). */
  ring: 52,
  /**
   * First word of the bitset of tokens that penalties look at; that of banned
   * tokens follows.
   */
  seen: 180,
} as const;

/** Values of the field `error`. */
export const CONTROL_ERROR = {
  /** The logits hold NaN or +∞. */
  notFinite: 1,
  /** Every token is ruled out. */
  nothingLeft: 2,
} as const;

/** Words of a control row for a vocabulary of so many tokens. */
export function controlWidth(vocabulary: number): number {
  return CONTROL.seen + 2 * Math.ceil(vocabulary / 32);
}

/** First word of the bitset of banned tokens in a row of `width` words. */
export function bannedOffset(width: number): number {
  return CONTROL.seen + (width - CONTROL.seen) / 2;
}
