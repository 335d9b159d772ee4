/**
 * Fills control rows on the host, before steps. Not an op.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { bannedOffset, CONTROL, STOP_TOKENS } from "./control_row.ts";

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
  /** Taken off a logit for each time that its token was drawn; 0 by default. */
  readonly frequency?: number;
  /** Taken off a logit once its token was drawn; 0 by default. */
  readonly presence?: number;
  /** Place of the row's block of adjustments, see `Adjustments`. */
  readonly adjust?: number;
  /** How many of the likeliest tokens to note; 0, none, by default. */
  readonly top?: number;
  /** Tokens that end the sequence; at most `STOP_TOKENS`. */
  readonly stops?: readonly number[];
  /** Tokens that occurred, which penalties apply to. */
  readonly seen?: Iterable<number>;
  /** Tokens that are never drawn. */
  readonly banned?: Iterable<number>;
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
  floats[CONTROL.frequency] = fields.frequency ?? 0;
  floats[CONTROL.presence] = fields.presence ?? 0;
  row[CONTROL.adjust] = fields.adjust === undefined ? 0 : fields.adjust + 1;
  row[CONTROL.counted] = fields.drawn ?? 0;
  row[CONTROL.top] = fields.top ?? 0;
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
