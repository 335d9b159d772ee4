/**
 * Reads control rows on the host, after steps. Not an op.
 *
 * @module
 */

import { CONTROL, RING_ENTRIES } from "./control_row.ts";
import { readTop, type TokenChance } from "./top_entries.ts";

/** A sampled token, with its chance under the unprocessed logits. */
export interface Sample extends TokenChance {
  /** The likeliest tokens at this draw, the best first, where asked for. */
  readonly top?: readonly TokenChance[];
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
  /** A value of `CONTROL_ERROR` where logits came that cannot be sampled. */
  readonly error: number;
  /** Tokens sampled so far. */
  readonly drawn: number;
  /** The latest samples, oldest first, at most `RING_ENTRIES`. */
  readonly samples: readonly Sample[];
}

/**
 * Reads back what the steps left in a row; `tops` holds the likeliest tokens
 * of its draws, where they were noted.
 */
export function readControlRow(
  row: Uint32Array<ArrayBuffer>,
  tops?: Uint32Array<ArrayBuffer>,
): ControlState {
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  const drawn = row[CONTROL.drawn]!;
  const samples: Sample[] = [];
  for (let i = Math.max(0, drawn - RING_ENTRIES); i < drawn; i++) {
    const at = CONTROL.ring + 2 * (i % RING_ENTRIES);
    const chance = { token: row[at]!, logprob: floats[at + 1]! };
    const top = tops && { top: readTop(tops, i, row[CONTROL.top]!) };
    samples.push({ ...chance, ...top });
  }
  return {
    token: row[CONTROL.token]!,
    position: row[CONTROL.position]!,
    count: row[CONTROL.count]!,
    media: row[CONTROL.media]!,
    isDone: row[CONTROL.done] === 1,
    error: row[CONTROL.error]!,
    drawn,
    samples,
  };
}
