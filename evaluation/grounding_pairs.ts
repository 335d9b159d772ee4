/**
 * Does the grounding score tell words that a picture supports from those that
 * it does not? Labels of held-out pictures, each with its own picture and with
 * that of another.
 *
 * @module
 */

import {
  type Flamingo,
  groundTokens,
  MersenneTwister,
  rocAuc,
  taskPrompt,
  tokenScores,
  wordsOf,
} from "../mod.ts";
import type { PictureStore } from "./picture_store.ts";
import type { TestLists } from "./test_lists.ts";

/** Scores of a word, with a picture. */
export interface GroundedWord {
  /** The word. */
  readonly text: string;
  /** Which pair it is of. */
  readonly pair: number;
  /** Whether the picture is the word's own. */
  readonly isSupported: boolean;
  /** Log-likelihood less that of the same model with gates closed. */
  readonly overClosed: number;
  /** Log-likelihood less that after a blank picture. */
  readonly overBlank: number;
  /** Log-likelihood alone, for comparison. */
  readonly logprob: number;
}

/** How well a score tells supported words. */
export interface GroundingAuc {
  /** The score. */
  readonly score: "overBlank" | "overClosed" | "logprob";
  /** Area under the ROC curve. */
  readonly auc: number;
  /** 95 % bootstrap interval over pairs, 1000 resamples. */
  readonly low: number;
  /** Its upper end. */
  readonly high: number;
}

/**
 * Words of the labels of the first `count` queries in the new style: once with
 * their picture, once with another's. Words that the other picture's label has
 * too are left out there, as it does support them.
 */
export async function groundPairs(
  model: Flamingo,
  { queries, shuffled }: TestLists["newStyle"],
  store: PictureStore,
  { count, onProgress = () => {} }: {
    readonly count: number;
    readonly onProgress?: (done: number, all: number) => void;
  },
): Promise<GroundedWord[]> {
  const words: GroundedWord[] = [];
  const { style, tokenizer } = model;
  const all = Math.min(count, queries.length);
  for (let pair = 0; pair < all; pair++) {
    const query = queries[pair]!, other = queries[shuffled[pair]!]!;
    const promptOf = (image: string) => taskPrompt({ style, query: { image } });
    const own = promptOf(store.pathOf(query));
    const ids = tokenizer.encode(own.output(query.label));
    const scores = await tokenScores(model, own.items, ids);
    const grounding = await groundTokens(model, own.items, ids, scores);
    const wrong = promptOf(store.pathOf(other)).items;
    const wrongScores = await tokenScores(model, wrong, ids);
    const decoder = tokenizer.streamDecoder();
    const pieces = ids.map((id) => decoder.push(id));
    const seen = new Set(other.label.toLowerCase().split(/\s+/));
    for (const places of wordsOf(pieces)) {
      const text = places.map((place) => pieces[place]).join("").trim();
      const sum = (valueOf: (place: number) => number): number =>
        places.reduce((total, place) => total + valueOf(place), 0);
      const overClosed = sum((i) => grounding[i]!.overClosed);
      const overBlank = sum((i) => grounding[i]!.overBlank);
      const logprob = sum((i) => scores[i]!);
      const word = { text, pair, overClosed, overBlank, logprob };
      words.push({ ...word, isSupported: true });
      if (seen.has(text.toLowerCase())) continue;
      // The same words without a picture are the same likely.
      const change = sum((i) => wrongScores[i]! - scores[i]!);
      words.push({
        text,
        pair,
        isSupported: false,
        overClosed: overClosed + change,
        overBlank: overBlank + change,
        logprob: logprob + change,
      });
    }
    onProgress(pair + 1, all);
  }
  return words;
}

/** Areas of all three scores, with intervals. */
export function groundingAucs(words: readonly GroundedWord[]): GroundingAuc[] {
  return (["overBlank", "overClosed", "logprob"] as const).map((score) => {
    const area = (some: readonly GroundedWord[]) =>
      rocAuc(
        some.map((word) => ({
          score: word[score],
          positive: word.isSupported,
        })),
      );
    const [low, high] = intervalOf(words, area);
    return { score, auc: area(words), low, high };
  });
}

/** Share of words that a threshold of `overBlank` puts on the right side. */
export function thresholdAccuracy(
  words: readonly GroundedWord[],
  threshold: number,
): number {
  const right = words.filter(({ overBlank, isSupported }) =>
    overBlank > threshold === isSupported
  );
  return right.length / words.length;
}

/** Percentiles over resamples of whole pairs, whose words hang together. */
function intervalOf(
  words: readonly GroundedWord[],
  valueOf: (words: readonly GroundedWord[]) => number,
): [low: number, high: number] {
  const pairs = Map.groupBy(words, ({ pair }) => pair);
  const keys = [...pairs.keys()];
  const random = new MersenneTwister(0);
  const values = Array.from({ length: 1000 }, () => {
    const drawn = keys.flatMap(() =>
      pairs.get(keys[random.below(keys.length)]!)!
    );
    return valueOf(drawn);
  }).sort((a, b) => a - b);
  return [values[25]!, values[974]!];
}
