/**
 * CIDEr-D (Vedantam et al. 2015, §5): agreement with what people say, n-grams
 * weighted by how rare they are among all pictures' references.
 *
 * @module
 */

import {
  type CaptionCase,
  type CaptionScores,
  checkCases,
} from "./caption_case.ts";
import { LONGEST, ngramCounts } from "./ngrams.ts";

/** Width of the penalty on lengths that differ. */
const SIGMA = 6;

/** Settings of {@link ciderD}. */
export interface CiderOptions {
  /**
   * References of the pictures that say how rare an n-gram is, a list for each
   * picture; those of the cases by default.
   */
  readonly corpus?: readonly (readonly (readonly string[])[])[];
}

/** A text's n-grams, weighted. */
interface Weighed {
  /** Weights by n-gram; element n - 1 has those of n words. */
  readonly weights: readonly ReadonlyMap<string, number>[];
  /** Their Euclidean norms. */
  readonly norms: readonly number[];
  /** Pairs of words, which stand for the length. */
  readonly length: number;
}

/**
 * CIDEr-D, 0 … 10; mean over cases. Equals `pycocoevalcap.cider`.
 *
 * @throws RookeryError `usage` without cases or references.
 */
export function ciderD(
  cases: readonly CaptionCase[],
  { corpus = cases.map(({ references }) => references) }: CiderOptions = {},
): CaptionScores {
  checkCases("CIDEr-D", cases);
  const pictures = documentCounts(corpus);
  const weigh = (words: readonly string[]): Weighed =>
    weighed(words, pictures, Math.log(corpus.length));
  const each = cases.map(({ candidate, references }) => {
    const own = weigh(candidate);
    const sum = references.reduce(
      (total, words) => total + similarity(own, weigh(words)),
      0,
    );
    return 10 * sum / references.length;
  });
  const sum = each.reduce((total, score) => total + score, 0);
  return { score: sum / each.length, each };
}

/** In how many pictures' references each n-gram occurs. */
function documentCounts(
  corpus: NonNullable<CiderOptions["corpus"]>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const references of corpus) {
    const own = new Set(
      references.flatMap((words) =>
        ngramCounts(words).flatMap((each) => [...each.keys()])
      ),
    );
    for (const ngram of own) counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

function weighed(
  words: readonly string[],
  pictures: ReadonlyMap<string, number>,
  logPictures: number,
): Weighed {
  const weights = ngramCounts(words).map((counts) =>
    new Map(
      [...counts].map(([ngram, count]) => {
        const rarity = logPictures -
          Math.log(Math.max(1, pictures.get(ngram) ?? 0));
        return [ngram, count * rarity] as const;
      }),
    )
  );
  const norms = weights.map((each) => {
    let squares = 0;
    for (const weight of each.values()) squares += weight ** 2;
    return Math.sqrt(squares);
  });
  return { weights, norms, length: Math.max(0, words.length - 1) };
}

function similarity(own: Weighed, other: Weighed): number {
  let total = 0;
  for (let n = 0; n < LONGEST; n++) {
    let sum = 0;
    for (const [ngram, weight] of own.weights[n]!) {
      const wanted = other.weights[n]!.get(ngram) ?? 0;
      sum += Math.min(weight, wanted) * wanted;
    }
    const norm = own.norms[n]! * other.norms[n]!;
    total += norm === 0 ? sum : sum / norm;
  }
  const penalty = Math.exp(
    -((own.length - other.length) ** 2) / (2 * SIGMA ** 2),
  );
  return penalty * total / LONGEST;
}
