/**
 * How likely each of many texts is after one prompt.
 *
 * @module
 */

import { MOST_ROWS } from "./buckets.ts";
import type { Engine } from "./engine.ts";
import { type OwnedPast, SharedPasts } from "./shared_pasts.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import { tokenTrie, type TrieEdge } from "./token_trie.ts";

/**
 * Log-likelihood of each list of targets after a sequence that goes on with
 * the one token of `last`. Lists run as a trie: a token that has others after it
 * is fed once for all lists that go through it, in branches side by side that
 * share their past, and the logits after it give the chances of all of these; so
 * the cost goes with the trie's inner nodes and not with the lists' lengths.
 */
export async function scoreAfter(
  engine: Engine,
  sequence: Sequence,
  last: Chunk,
  targets: readonly (readonly number[])[],
): Promise<number[]> {
  const sums = targets.map(() => 0);
  const add = (lists: readonly number[], value: number): void => {
    for (const list of lists) sums[list]! += value;
  };
  const media = last.media[0]!;
  using pasts = new SharedPasts<TrieEdge>(engine);
  /** Adds the chances of what may follow a place; queues what is to be fed. */
  const open = (
    past: Sequence,
    logits: Float32Array,
    edges: readonly TrieEdge[],
  ): void => {
    const chance = chancesOf(logits);
    for (const { tokens, lists } of edges) add(lists, chance(tokens[0]!));
    pasts.add(past, edges.filter(isLonger));
  };
  open(sequence, await engine.logits(sequence, last), tokenTrie(targets));
  for (;;) {
    const now = await pasts.take(MOST_ROWS);
    if (now.length === 0) return sums;
    const runs = now.filter(({ item }) => item.tokens.length > 1);
    const scores = await scoreRuns(engine, runs, media);
    runs.forEach(({ item }, i) => add(item.lists, scores[i]!));
    const forks = now.filter(({ item }) => item.next.length > 0);
    const logits = await engine.nextLogits(
      forks.map(({ item: { tokens }, past: sequence }) => ({
        sequence,
        token: tokens.at(-1)!,
        media,
      })),
    );
    forks.forEach(({ item, past }, i) => open(past, logits[i]!, item.next));
    for (const { past } of now) pasts.release(past);
  }
}

/** Whether anything comes after an edge's first token. */
function isLonger({ tokens, next }: TrieEdge): boolean {
  return tokens.length > 1 || next.length > 0;
}

/** Log-likelihoods of edges after their first tokens; the last are not fed. */
async function scoreRuns(
  engine: Engine,
  runs: readonly OwnedPast<TrieEdge>[],
  media: number,
): Promise<number[]> {
  const scores = await engine.score(runs.map(({ item, past: sequence }) => {
    const tokens = item.tokens.slice(0, -1);
    const chunk = { tokens, media: tokens.map(() => media) };
    return { sequence, chunk, targets: item.tokens.slice(1) };
  }));
  return scores.map((own) => own.reduce((sum, value) => sum + value, 0));
}

/** Logarithms of the chances that logits stand for, in f64. */
function chancesOf(logits: Float32Array): (token: number) => number {
  const most = logits.reduce((top, value) => Math.max(top, value), -Infinity);
  const sum = logits.reduce(
    (total, value) => total + Math.exp(value - most),
    0,
  );
  const shift = most + Math.log(sum);
  return (token) => logits[token]! - shift;
}
