/**
 * The meaning of processing a row's logits before a draw. Not an op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { type Adjustment, readAdjustment } from "./adjustments.ts";
import { bannedOffset, CONTROL, RING_ENTRIES } from "./control_row.ts";

/** Rows' adjustments, where any row has some. */
export type AdjustmentWords = Uint32Array<ArrayBuffer> | undefined;

/** Fields of a row as f32. */
export function floatsOf(
  row: Uint32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  return new Float32Array(row.buffer, row.byteOffset, row.length);
}

/**
 * Logits after bias, repetition penalty, frequency and presence penalties and
 * bans, in this order; a ban is −∞.
 */
export function penalisedLogits(
  row: Uint32Array<ArrayBuffer>,
  logits: HostArray,
  words: AdjustmentWords,
): Float32Array<ArrayBuffer> {
  const floats = floatsOf(row);
  const penalty = floats[CONTROL.penalty]!;
  const frequency = floats[CONTROL.frequency]!;
  const presence = floats[CONTROL.presence]!;
  const banned = bannedOffset(row.length);
  return Float32Array.from(logits, (raw, token) => {
    if (hasBit(row, banned, token)) return -Infinity;
    const isSeen = hasBit(row, CONTROL.seen, token);
    const { bias, count } = words
      ? adjustmentOf(row, words, token, isSeen)
      : NO_ADJUSTMENT;
    const x = Math.fround(raw + bias);
    const z = !isSeen ? x : x > 0 ? x / penalty : x * penalty;
    return count === 0 ? z : z - (frequency * count + presence);
  });
}

const NO_ADJUSTMENT: Adjustment = { bias: 0, count: 0 };

/** A token's entry, with the draws that came after it was written. */
function adjustmentOf(
  row: Uint32Array<ArrayBuffer>,
  words: Uint32Array<ArrayBuffer>,
  token: number,
  isSeen: boolean,
): Adjustment {
  const place = row[CONTROL.adjust]!;
  const known = place === 0
    ? NO_ADJUSTMENT
    : readAdjustment(words, place - 1, token) ?? NO_ADJUSTMENT;
  if (!isSeen) return known;
  const drawn = row[CONTROL.drawn]!;
  let { count } = known;
  const oldest = Math.max(0, drawn - RING_ENTRIES);
  for (let i = Math.max(oldest, row[CONTROL.counted]!); i < drawn; i++) {
    if (row[CONTROL.ring + 2 * (i % RING_ENTRIES)] === token) count++;
  }
  return { bias: known.bias, count };
}

function hasBit(
  row: Uint32Array<ArrayBuffer>,
  start: number,
  token: number,
): boolean {
  return (row[start + (token >>> 5)]! >>> (token & 31) & 1) === 1;
}

/**
 * Scores that a draw at a temperature over 0 is made from: penalised logits
 * over the temperature; −∞ for what top-k, top-p and min-p rule out.
 */
export function drawScores(
  row: Uint32Array<ArrayBuffer>,
  penalised: Float32Array<ArrayBuffer>,
): Float64Array {
  const temperature = floatsOf(row)[CONTROL.temperature]!;
  const least = leastLogit(row, penalised, temperature);
  return Float64Array.from(
    penalised,
    (z) => z >= least ? z / temperature : -Infinity,
  );
}

/** The least logit that top-k, top-p and min-p let through. */
function leastLogit(
  row: Uint32Array<ArrayBuffer>,
  penalised: Float32Array<ArrayBuffer>,
  temperature: number,
): number {
  const floats = floatsOf(row);
  const topK = row[CONTROL.topK]!;
  const topP = floats[CONTROL.topP]!, minP = floats[CONTROL.minP]!;
  // Numbers in a typed array sort by value.
  const sorted = penalised.filter((z) => z > -Infinity).sort().reverse();
  let least = sorted.at(topK > 0 && topK < sorted.length ? topK - 1 : -1)!;
  const weight = (z: number) => Math.exp((z - sorted[0]!) / temperature);
  if (topP < 1) {
    const kept = sorted.filter((z) => z >= least);
    const total = kept.reduce((sum, z) => sum + weight(z), 0);
    let mass = 0;
    for (least of kept) if ((mass += weight(least)) >= topP * total) break;
  }
  const likely = sorted.filter((z) => z >= least && weight(z) >= minP);
  return likely.at(-1) ?? sorted[0]!;
}
