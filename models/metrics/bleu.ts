/**
 * BLEU of a corpus (Papineni et al. 2002) as captions are scored with it.
 *
 * @module
 */

import type { CaptionCase } from "./caption_case.ts";
import { checkCases } from "./caption_case.ts";
import { LONGEST, ngramCounts } from "./ngrams.ts";

/** BLEU-1 … BLEU-4. */
export interface BleuScores {
  /** Of the whole corpus: element n - 1 is BLEU-n. */
  readonly score: readonly number[];
  /** The same of each case, in order. */
  readonly each: readonly (readonly number[])[];
}

/** What a corpus or a case adds up to. */
interface Totals {
  words: number;
  wanted: number;
  readonly found: number[];
  readonly guessed: number[];
}

// Keep quotients of zeros finite; part of the reference's results.
const SMALL = 1e-9, TINY = 1e-15;

/**
 * BLEU-1 … BLEU-4, 0 … 1: geometric mean of clipped n-gram precisions times
 * the brevity penalty, with the reference length nearest to the candidate's.
 * Equals `pycocoevalcap.bleu`.
 *
 * @throws RookeryError `usage` without cases or references.
 */
export function bleu(cases: readonly CaptionCase[]): BleuScores {
  checkCases("BLEU", cases);
  const totals = cases.map(totalsOf);
  const sum = emptyTotals();
  for (const one of totals) {
    sum.words += one.words;
    sum.wanted += one.wanted;
    for (let n = 0; n < LONGEST; n++) {
      sum.found[n]! += one.found[n]!;
      sum.guessed[n]! += one.guessed[n]!;
    }
  }
  return { score: scoresOf(sum), each: totals.map(scoresOf) };
}

function emptyTotals(): Totals {
  const zeros = (): number[] => new Array<number>(LONGEST).fill(0);
  return { words: 0, wanted: 0, found: zeros(), guessed: zeros() };
}

function totalsOf({ candidate, references }: CaptionCase): Totals {
  const totals = emptyTotals();
  const words = candidate.length;
  const known = references.map(ngramCounts);
  for (const [n, counts] of ngramCounts(candidate).entries()) {
    totals.guessed[n] = Math.max(0, words - n);
    for (const [ngram, count] of counts) {
      const most = Math.max(...known.map((each) => each[n]!.get(ngram) ?? 0));
      totals.found[n]! += Math.min(count, most);
    }
  }
  totals.words = words;
  totals.wanted = nearest(references.map(({ length }) => length), words);
  return totals;
}

/** The nearest length; the shorter of two as near. */
function nearest(lengths: readonly number[], wanted: number): number {
  return lengths.reduce((best, length) => {
    const gain = Math.abs(best - wanted) - Math.abs(length - wanted);
    return gain > 0 || (gain === 0 && length < best) ? length : best;
  });
}

function scoresOf({ words, wanted, found, guessed }: Totals): number[] {
  const ratio = (words + TINY) / (wanted + SMALL);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return found.map((count, n) => {
    product *= (count + TINY) / (guessed[n]! + SMALL);
    return penalty * product ** (1 / (n + 1));
  });
}
