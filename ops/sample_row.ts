/**
 * The meaning of sampling for one control row. Not an op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { bannedOffset, CONTROL, RING_ENTRIES } from "./control_row.ts";
import { drawKey, gumbel } from "./gumbel.ts";

/** Advances one row by one draw from its logits; see `sample`. */
export function sampleRow(
  row: Uint32Array<ArrayBuffer>,
  logits: HostArray,
): void {
  if (row[CONTROL.done] || row[CONTROL.count] === 0) return;
  row[CONTROL.position]! += row[CONTROL.count]!;
  const scores = processedLogits(row, logits);
  const token = isUsable(logits, scores) ? chooseToken(row, scores) : undefined;
  if (token === undefined) {
    row[CONTROL.error] = 1;
    row[CONTROL.done] = 1;
    row[CONTROL.count] = 0;
    return;
  }
  recordToken(row, token, logLikelihood(logits, token));
}

/** Fields of a row as f32. */
function floatsOf(row: Uint32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return new Float32Array(row.buffer, row.byteOffset, row.length);
}

function hasBit(
  row: Uint32Array<ArrayBuffer>,
  start: number,
  token: number,
): boolean {
  return (row[start + (token >>> 5)]! >>> (token & 31) & 1) === 1;
}

/** Logits after bans and the repetition penalty; a ban is −∞. */
function processedLogits(
  row: Uint32Array<ArrayBuffer>,
  logits: HostArray,
): Float32Array<ArrayBuffer> {
  const penalty = floatsOf(row)[CONTROL.penalty]!;
  const banned = bannedOffset(row.length);
  return Float32Array.from(logits, (x, token) => {
    if (hasBit(row, banned, token)) return -Infinity;
    if (!hasBit(row, CONTROL.seen, token)) return x;
    return x > 0 ? x / penalty : x * penalty;
  });
}

/** Whether there is something to choose: no NaN, no +∞, not all −∞. */
function isUsable(
  logits: HostArray,
  scores: Float32Array<ArrayBuffer>,
): boolean {
  return logits.every((x) => x < Infinity) && scores.some((z) => z > -Infinity);
}

function chooseToken(
  row: Uint32Array<ArrayBuffer>,
  scores: Float32Array<ArrayBuffer>,
): number {
  const temperature = floatsOf(row)[CONTROL.temperature]!;
  if (!(temperature > 0)) return indexOfGreatest(scores);
  const least = leastScore(row, scores, temperature);
  const key = drawKey(row[CONTROL.seed]!, row[CONTROL.drawn]!);
  const noisy = Array.from(
    scores,
    (z, token) => z >= least ? z / temperature + gumbel(key, token) : -Infinity,
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

/** The least score that top-k, top-p and min-p let through. */
function leastScore(
  row: Uint32Array<ArrayBuffer>,
  scores: Float32Array<ArrayBuffer>,
  temperature: number,
): number {
  const floats = floatsOf(row);
  const topK = row[CONTROL.topK]!;
  const topP = floats[CONTROL.topP]!, minP = floats[CONTROL.minP]!;
  // Numbers in a typed array sort by value.
  const sorted = scores.filter((z) => z > -Infinity).sort().reverse();
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
