/**
 * The meaning of sampling for one control row. Not an op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { CONTROL, CONTROL_ERROR, RING_ENTRIES } from "./control_row.ts";
import { drawKey, gumbel } from "./gumbel.ts";
import {
  type AdjustmentWords,
  drawScores,
  floatsOf,
  penalisedLogits,
} from "./sample_scores.ts";

/** Advances one row by one draw from its logits; see `sample`. */
export function sampleRow(
  row: Uint32Array<ArrayBuffer>,
  logits: HostArray,
  words: AdjustmentWords,
): void {
  if (row[CONTROL.done] || row[CONTROL.count] === 0) return;
  row[CONTROL.position]! += row[CONTROL.count]!;
  const scores = penalisedLogits(row, logits, words);
  const error = errorOf(logits, scores);
  if (error !== 0) {
    row[CONTROL.error] = error;
    row[CONTROL.done] = 1;
    row[CONTROL.count] = 0;
    return;
  }
  const token = chooseToken(row, scores);
  recordToken(row, token, logLikelihood(logits, token));
}

/** 0 where there is something to choose, else a value of `CONTROL_ERROR`. */
function errorOf(
  logits: HostArray,
  scores: Float32Array<ArrayBuffer>,
): number {
  if (!logits.every((x) => x < Infinity)) return CONTROL_ERROR.notFinite;
  return scores.some((z) => z > -Infinity) ? 0 : CONTROL_ERROR.nothingLeft;
}

function chooseToken(
  row: Uint32Array<ArrayBuffer>,
  scores: Float32Array<ArrayBuffer>,
): number {
  const temperature = floatsOf(row)[CONTROL.temperature]!;
  if (!(temperature > 0)) return indexOfGreatest(scores);
  const key = drawKey(row[CONTROL.seed]!, row[CONTROL.drawn]!);
  const noisy = drawScores(row, scores).map((z, token) =>
    z > -Infinity ? z + gumbel(key, token) : z
  );
  return indexOfGreatest(noisy);
}

function indexOfGreatest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/** Log-softmax at one token, by sums in f64. */
function logLikelihood(logits: HostArray, token: number): number {
  let top = -Infinity, sum = 0;
  for (const x of logits) top = Math.max(top, x);
  for (const x of logits) sum += Math.exp(x - top);
  return logits[token]! - top - Math.log(sum);
}

function recordToken(
  row: Uint32Array<ArrayBuffer>,
  token: number,
  logprob: number,
): void {
  const drawn = row[CONTROL.drawn]!;
  const entry = CONTROL.ring + 2 * (drawn % RING_ENTRIES);
  row[entry] = token;
  floatsOf(row)[entry + 1] = logprob;
  row[CONTROL.seen + (token >>> 5)]! |= 1 << (token & 31);
  row[CONTROL.token] = token;
  row[CONTROL.drawn] = drawn + 1;
  const stops = row.subarray(CONTROL.stops)
    .subarray(0, row[CONTROL.stopCount]!);
  const isDone = stops.includes(token) || drawn + 1 >= row[CONTROL.limit]!;
  row[CONTROL.done] = isDone ? 1 : 0;
  row[CONTROL.count] = isDone ? 0 : 1;
}
