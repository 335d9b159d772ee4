/**
 * ROUGE-L (Lin 2004) as captions are scored with it.
 *
 * @module
 */

import {
  type CaptionCase,
  type CaptionScores,
  checkCases,
} from "./caption_case.ts";

/** Weight of recall over precision. */
const BETA = 1.2;

/**
 * ROUGE-L, 0 … 1: F-measure (β = 1.2) of the best precision and the best
 * recall of the longest common subsequence over all references; mean over
 * cases. Equals `pycocoevalcap.rouge`.
 *
 * @throws RookeryError `usage` without cases or references.
 */
export function rougeL(cases: readonly CaptionCase[]): CaptionScores {
  checkCases("ROUGE-L", cases);
  const each = cases.map(scoreOf);
  const sum = each.reduce((total, score) => total + score, 0);
  return { score: sum / each.length, each };
}

function scoreOf({ candidate, references }: CaptionCase): number {
  const shared = references.map((words) => commonLength(candidate, words));
  const precision = Math.max(...shared) / Math.max(1, candidate.length);
  const recall = Math.max(
    ...shared.map((length, i) => length / Math.max(1, references[i]!.length)),
  );
  if (precision === 0 || recall === 0) return 0;
  return (1 + BETA ** 2) * precision * recall /
    (recall + BETA ** 2 * precision);
}

/** Length of the longest common subsequence. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let above = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const row = [0];
    for (const [j, other] of b.entries()) {
      row.push(
        word === other ? above[j]! + 1 : Math.max(above[j + 1]!, row[j]!),
      );
    }
    above = row;
  }
  return above[b.length]!;
}
