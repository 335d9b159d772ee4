/**
 * How likely each of many texts is after one prompt.
 *
 * @module
 */

import { MOST_ROWS } from "./buckets.ts";
import type { Engine } from "./engine.ts";
import type { ScoreRow } from "./feed_row.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import { tokenTrie, type TrieEdge } from "./token_trie.ts";

/** Branches that are scored side by side. */
const BRANCHES = MOST_ROWS;

/** A past that branches share; closed when the last of them has its own. */
interface SharedPast {
  readonly sequence: Sequence;
  readonly isOwn: boolean;
  waiting: number;
}

/** A branch to score: `before` is the past's last token, not fed yet. */
interface Branch extends TrieEdge {
  readonly past: SharedPast;
  readonly before: number;
}

/**
 * Log-likelihood of each list of targets after a sequence that goes on with
 * the one token of `last`. That token is fed once: its logits give every
 * list's first target. The rest run as a trie: what lists begin with in common
 * is fed once, in branches side by side that share their past, so that the cost
 * goes with the trie's nodes and not with the lists' lengths.
 */
export async function scoreAfter(
  engine: Engine,
  sequence: Sequence,
  last: Chunk,
  targets: readonly (readonly number[])[],
): Promise<number[]> {
  const first = logSoftmax(await engine.logits(sequence, last));
  const sums = targets.map((ids) => first[ids[0]!]!);
  using pasts = new Pasts(engine);
  const root: SharedPast = { sequence, isOwn: false, waiting: 0 };
  for (const edge of tokenTrie(targets)) {
    const { tokens: [token, ...tokens], lists, next } = edge;
    pasts.add(
      root,
      token!,
      tokens.length > 0 ? [{ tokens, lists, next }] : next,
    );
  }
  for (let now = await pasts.take(); now.length > 0; now = await pasts.take()) {
    const rows = now.map(({ branch, fork }) =>
      rowOf(branch, fork.sequence, last)
    );
    const scores = await engine.score(rows);
    for (const [i, { branch, fork }] of now.entries()) {
      const sum = scores[i]!.reduce((all, value) => all + value, 0);
      for (const list of branch.lists) sums[list]! += sum;
      pasts.add(fork, branch.tokens.at(-1)!, branch.next);
      pasts.release(fork);
    }
  }
  return sums;
}

/** Tokens that a branch feeds and the chances that are asked. */
function rowOf(
  { before, tokens }: Branch,
  sequence: Sequence,
  last: Chunk,
): ScoreRow {
  const fed = [before, ...tokens.slice(0, -1)];
  const media = fed.map(() => last.media[0]!);
  return { sequence, chunk: { tokens: fed, media }, targets: tokens };
}

/** Branches that wait, and the pasts that are held for them. */
class Pasts implements Disposable {
  readonly #engine: Engine;
  readonly #waiting: Branch[] = [];
  readonly #held = new Set<SharedPast>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  add(past: SharedPast, before: number, edges: readonly TrieEdge[]): void {
    past.waiting += edges.length;
    for (const edge of edges) this.#waiting.push({ past, before, ...edge });
  }

  /** The next branches, each with a past of its own; the deepest first. */
  async take(): Promise<{ branch: Branch; fork: SharedPast }[]> {
    // Few pasts are held at a time, as deep ones are done with soon.
    const branches = this.#waiting.splice(-BRANCHES);
    const taken: { branch: Branch; fork: SharedPast }[] = [];
    for (const branch of branches) {
      const sequence = await this.#engine.fork(branch.past.sequence);
      const fork: SharedPast = { sequence, isOwn: true, waiting: 0 };
      this.#held.add(fork);
      taken.push({ branch, fork });
      branch.past.waiting--;
      this.release(branch.past);
    }
    return taken;
  }

  /** Closes a past that nobody waits for. */
  release(past: SharedPast): void {
    if (!past.isOwn || past.waiting > 0) return;
    this.#engine.close(past.sequence);
    this.#held.delete(past);
  }

  [Symbol.dispose](): void {
    for (const { sequence } of this.#held) this.#engine.close(sequence);
  }
}

/** Logarithm of the chances that logits stand for, in f64. */
function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((top, value) => Math.max(top, value), -Infinity);
  const sum = logits.reduce(
    (total, value) => total + Math.exp(value - most),
    0,
  );
  const shift = most + Math.log(sum);
  return Float64Array.from(logits, (value) => value - shift);
}
