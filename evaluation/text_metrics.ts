/**
 * How a written answer is compared with the right one.
 *
 * @module
 */

/** 1 where a guess is the right text to the letter, else 0. */
export function exactMatch(guess: string, truth: string): number {
  return guess === truth ? 1 : 0;
}

/**
 * F1 of the words of a guess, 0 … 1: words are counted as often as they occur,
 * in any order and case.
 */
export function tokenF1(guess: string, truth: string): number {
  const found = wordsOf(guess);
  const wanted = wordsOf(truth);
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    shared++;
    left.set(word, count - 1);
  }
  return shared === 0 ? 0 : 2 * shared / (found.length + wanted.length);
}

/** Place of the highest score; the first where several are equal. */
export function bestOf(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}

/** The value that occurs most often; the first where several do. */
export function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [best = ""] = [...counts].reduce(
    (best, entry) => entry[1] > best[1] ? entry : best,
    ["", 0] as [string, number],
  );
  return best;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== "");
}
