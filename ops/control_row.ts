/**
 * The control row: what a sequence's steps read and change on the device, as
 * u32 words. One row per sequence; the sampling op advances it, so that several
 * steps go out in one submit. Not an op.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

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
  /** Stop tokens in use, at most `STOP_TOKENS`. */
  stopCount: 14,
  /** First stop token. */
  stops: 15,
  /** 1 after logits that cannot be sampled (NaN, infinite, all banned). */
  error: 23,
  /** First entry of the ring of samples: token, then log-likelihood (f32). */
  ring: 24,
  /** First word of the bitset of tokens that occurred; `banned` follows it. */
  seen: 152,
} as const;

/** Entries of the ring of samples: most steps between two readbacks. */
export const RING_ENTRIES = 64;

/** Most stop tokens of a row. */
export const STOP_TOKENS = 8;

/** A sampled token. */
export interface Sample {
  /** Token id. */
  readonly token: number;
  /** Natural logarithm of its chance under the unprocessed logits. */
  readonly logprob: number;
}

/** What a row starts from; every field left out has its neutral value. */
export interface ControlFields {
  /** Token to feed next; 0 by default. */
  readonly token?: number;
  /** Tokens that the cache holds; 0 by default. */
  readonly position?: number;
  /** Valid tokens of the chunk; 0 by default. */
  readonly count?: number;
  /** Ordinal of the latest picture; 0, none, by default. */
  readonly media?: number;
  /** Whether nothing is to be sampled; false by default. */
  readonly isDone?: boolean;
  /** Tokens sampled so far; 0 by default. */
  readonly drawn?: number;
  /** Most tokens to sample; 0 by default, so the first draw is the last. */
  readonly limit?: number;
  /** Seed of the draws; 0 by default. */
  readonly seed?: number;
  /** Temperature; 0, greedy, by default. */
  readonly temperature?: number;
  /** Tokens that a draw is limited to; 0, off, by default. */
  readonly topK?: number;
  /** Mass that a draw is limited to; 1, off, by default. */
  readonly topP?: number;
  /** Least chance as a share of the best; 0, off, by default. */
  readonly minP?: number;
  /** Repetition penalty; 1, off, by default. */
  readonly penalty?: number;
  /** Tokens that end the sequence; at most `STOP_TOKENS`. */
  readonly stops?: readonly number[];
  /** Tokens that occurred, which the penalty applies to. */
  readonly seen?: Iterable<number>;
  /** Tokens that are never drawn. */
  readonly banned?: Iterable<number>;
}

/** What a row says after some steps. */
export interface ControlState {
  /** Token to feed next. */
  readonly token: number;
  /** Tokens that the cache holds. */
  readonly position: number;
  /** Valid tokens of the next chunk. */
  readonly count: number;
  /** Ordinal of the latest picture; 0 for none. */
  readonly media: number;
  /** Whether nothing is left to sample. */
  readonly isDone: boolean;
  /** Whether logits came that cannot be sampled. */
  readonly hasFailed: boolean;
  /** Tokens sampled so far. */
  readonly drawn: number;
  /** The latest samples, oldest first, at most `RING_ENTRIES`. */
  readonly samples: readonly Sample[];
}

/** Words of a control row for a vocabulary of so many tokens. */
export function controlWidth(vocabulary: number): number {
  return CONTROL.seen + 2 * Math.ceil(vocabulary / 32);
}

/** First word of the bitset of banned tokens in a row of `width` words. */
export function bannedOffset(width: number): number {
  return CONTROL.seen + (width - CONTROL.seen) / 2;
}

/** Overwrites all of `row`, of `controlWidth(vocabulary)` words. */
export function writeControlRow(
  row: Uint32Array<ArrayBuffer>,
  fields: ControlFields,
): void {
  const { stops = [] } = fields;
  if (stops.length > STOP_TOKENS) {
    throw new RookeryError(
      "config",
      `Cannot stop at ${stops.length} different tokens: give at most ` +
        `${STOP_TOKENS}`,
      { expected: STOP_TOKENS, actual: stops.length },
    );
  }
  row.fill(0);
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  row[CONTROL.token] = fields.token ?? 0;
  row[CONTROL.position] = fields.position ?? 0;
  row[CONTROL.count] = fields.count ?? 0;
  row[CONTROL.media] = fields.media ?? 0;
  row[CONTROL.done] = fields.isDone ? 1 : 0;
  row[CONTROL.drawn] = fields.drawn ?? 0;
  row[CONTROL.limit] = fields.limit ?? 0;
  row[CONTROL.seed] = fields.seed ?? 0;
  floats[CONTROL.temperature] = fields.temperature ?? 0;
  row[CONTROL.topK] = fields.topK ?? 0;
  floats[CONTROL.topP] = fields.topP ?? 1;
  floats[CONTROL.minP] = fields.minP ?? 0;
  floats[CONTROL.penalty] = fields.penalty ?? 1;
  row[CONTROL.stopCount] = stops.length;
  row.set(stops, CONTROL.stops);
  setBits(row, CONTROL.seen, fields.seen ?? []);
  setBits(row, bannedOffset(row.length), fields.banned ?? []);
}

function setBits(
  row: Uint32Array<ArrayBuffer>,
  start: number,
  tokens: Iterable<number>,
): void {
  const limit = 16 * (row.length - CONTROL.seen);
  for (const token of tokens) {
    if (!Number.isInteger(token) || token < 0 || token >= limit) {
      throw new RookeryError(
        "config",
        `Cannot mark token ${token} in a control row as its vocabulary ends ` +
          `before ${limit}: give token ids of the model's tokenizer`,
        { expected: limit, actual: token },
      );
    }
    row[start + (token >>> 5)]! |= 1 << (token & 31);
  }
}

/** Reads back what the steps left in a row. */
export function readControlRow(row: Uint32Array<ArrayBuffer>): ControlState {
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  const drawn = row[CONTROL.drawn]!;
  const samples: Sample[] = [];
  for (let i = Math.max(0, drawn - RING_ENTRIES); i < drawn; i++) {
    const at = CONTROL.ring + 2 * (i % RING_ENTRIES);
    samples.push({ token: row[at]!, logprob: floats[at + 1]! });
  }
  return {
    token: row[CONTROL.token]!,
    position: row[CONTROL.position]!,
    count: row[CONTROL.count]!,
    media: row[CONTROL.media]!,
    isDone: row[CONTROL.done] === 1,
    hasFailed: row[CONTROL.error] === 1,
    drawn,
    samples,
  };
}
