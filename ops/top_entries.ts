/**
 * Where the likeliest tokens of each draw lie: for every entry of the ring of
 * samples a list of tokens and log-likelihoods, as u32 words. Not an op.
 *
 * @module
 */

import { RING_ENTRIES } from "./control_row.ts";

/** Most tokens that are noted at a draw. */
export const MOST_TOP = 20;

/** Words of a row: token and log-likelihood (f32 bits) of each noted token. */
export const TOPS_WIDTH: number = RING_ENTRIES * 2 * MOST_TOP;

/** Stands where a vocabulary has fewer tokens than are to be noted. */
export const NO_TOKEN = 0xffffffff;

/** A token and how likely it was. */
export interface TokenChance {
  /** Token id. */
  readonly token: number;
  /** Natural logarithm of its chance under the unprocessed logits. */
  readonly logprob: number;
}

/** The `count` tokens noted at the draw of number `draw`, the likeliest first. */
export function readTop(
  row: Uint32Array<ArrayBuffer>,
  draw: number,
  count: number,
): TokenChance[] {
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  const entry = 2 * MOST_TOP * (draw % RING_ENTRIES);
  const tops: TokenChance[] = [];
  for (let i = 0; i < count; i++) {
    const token = row[entry + 2 * i]!;
    if (token === NO_TOKEN) break;
    tops.push({ token, logprob: floats[entry + 2 * i + 1]! });
  }
  return tops;
}
