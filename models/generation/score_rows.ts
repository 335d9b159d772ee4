/**
 * Likelihoods and logits of known tokens: text that is fed, not drawn.
 *
 * @module
 */

import {
  bucketOf,
  CHUNK_LENGTHS,
  chunksOf,
  groupsOf,
  rowBucket,
  textBucket,
} from "./buckets.ts";
import { checkNumbers } from "./check_numbers.ts";
import type { FeedRow, NextRow, ScoreRow } from "./feed_row.ts";
import type { TextRunner } from "./text_runner.ts";

/** See `Engine.score`. Rows of like length run together. */
export async function scoreRows(
  texts: TextRunner,
  rows: readonly ScoreRow[],
): Promise<Float32Array[]> {
  const results = new Map<ScoreRow, Float32Array>();
  let left = rows.toSorted((a, b) =>
    a.chunk.tokens.length - b.chunk.tokens.length
  );
  while (left.length > 0) {
    const { length } = textBucket(left.slice(0, 1));
    const fitting = left.filter(({ chunk }) => chunk.tokens.length <= length);
    const { most } = textBucket(fitting);
    const group = fitting.slice(0, most);
    const scores = await scoreGroup(texts, group, length);
    group.forEach((row, i) => results.set(row, scores[i]!));
    left = left.slice(group.length);
  }
  return rows.map((row) => checkNumbers("log-likelihoods", results.get(row)!));
}

/** See `Engine.logits`. */
export async function chunkLogits(
  texts: TextRunner,
  vocabulary: number,
  { sequence, chunk }: Omit<FeedRow, "draws">,
): Promise<Float32Array> {
  const all = new Float32Array(chunk.tokens.length * vocabulary);
  let at = 0;
  for (const part of chunksOf(chunk, 32)) {
    const length = bucketOf(CHUNK_LENGTHS, part.tokens.length, 32);
    const row = { sequence, chunk: part, draws: 0 };
    const program = await texts.run([row], { length, wanted: "logits" });
    const [logits] = await program.read("logits");
    const used = part.tokens.length * vocabulary;
    all.set((logits as Float32Array).subarray(0, used), at);
    at += used;
  }
  return all;
}

/** Rows whose logits are read back at once, as a vocabulary is long. */
const LOGIT_ROWS = 16;

/** See `Engine.nextLogits`. */
export async function nextLogits(
  texts: TextRunner,
  vocabulary: number,
  rows: readonly NextRow[],
): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (const group of groupsOf(rows, LOGIT_ROWS)) {
    const fed = group.map(({ sequence, token, media }) => ({
      sequence,
      chunk: { tokens: [token], media: [media] },
      draws: 0,
    }));
    const program = await texts.run(fed, { length: 1, wanted: "logits" });
    const [logits] = await program.read("logits") as [Float32Array];
    for (const i of group.keys()) {
      const own = logits.slice(i * vocabulary, (i + 1) * vocabulary);
      results.push(checkNumbers("logits", own));
    }
  }
  return results;
}

async function scoreGroup(
  texts: TextRunner,
  group: readonly ScoreRow[],
  length: number,
): Promise<Float32Array[]> {
  const rows = group.map((row) => ({ ...row, draws: 0 }));
  const count = rowBucket(group.length);
  const targets = new Uint32Array(count * length);
  group.forEach((row, i) => targets.set(row.targets, i * length));
  const program = await texts.run(rows, {
    length,
    wanted: "logProbs",
    targets,
  });
  const [logProbs] = await program.read("logProbs") as [Float32Array];
  return group.map((row, i) =>
    logProbs.slice(i * length, i * length + row.targets.length)
  );
}
