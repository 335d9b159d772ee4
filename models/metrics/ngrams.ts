/**
 * Runs of words and how often they occur.
 *
 * @module
 */

/** Longest run that metrics look at. */
export const LONGEST = 4;

/** Counts of the runs of 1 … 4 words: element n - 1 has those of n words. */
export function ngramCounts(
  words: readonly string[],
): ReadonlyMap<string, number>[] {
  return Array.from({ length: LONGEST }, (_, i) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + i < words.length; start++) {
      const ngram = words.slice(start, start + i + 1).join(" ");
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}
