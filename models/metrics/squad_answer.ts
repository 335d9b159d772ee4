/**
 * How a short written answer is compared with the right ones, by the rule of
 * SQuAD (Rajpurkar et al. 2016, §6.1).
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g;
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** An answer in lower case, without ASCII punctuation, articles and spare blanks. */
export function squadAnswer(text: string): string {
  return text.toLowerCase().replaceAll(ASCII_PUNCTUATION, "")
    .replaceAll(ARTICLE, " ").trim().split(/\s+/).join(" ");
}

/**
 * 1 where a guess is one of the right answers once both went through
 * `squadAnswer`, else 0.
 *
 * @throws RookeryError `usage` without right answers.
 */
export function squadExactMatch(
  guess: string,
  truths: readonly string[],
): number {
  checkTruths("exact match", truths);
  const found = squadAnswer(guess);
  return truths.some((truth) => squadAnswer(truth) === found) ? 1 : 0;
}

/**
 * F1 of the words of a guess, 0 … 1, with the right answer that it is nearest
 * to; words count as often as they occur. Where an answer has no words left,
 * it is 1 if the other has none either, else 0.
 *
 * @throws RookeryError `usage` without right answers.
 */
export function squadF1(guess: string, truths: readonly string[]): number {
  checkTruths("token F1", truths);
  return Math.max(...truths.map((truth) => wordF1(guess, truth)));
}

function wordF1(guess: string, truth: string): number {
  const found = wordsOf(guess);
  const wanted = wordsOf(truth);
  if (found.length === 0 || wanted.length === 0) {
    return found.length === wanted.length ? 1 : 0;
  }
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count > 0) shared++;
    left.set(word, count - 1);
  }
  return 2 * shared / (found.length + wanted.length);
}

function wordsOf(text: string): string[] {
  return squadAnswer(text).split(" ").filter((word) => word !== "");
}

function checkTruths(metric: string, truths: readonly string[]): void {
  if (truths.length > 0) return;
  throw new RookeryError(
    "usage",
    `Cannot compute ${metric} without right answers: give one at least`,
    { expected: 1, actual: 0 },
  );
}
