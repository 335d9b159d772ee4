/**
 * Whether draws have a distribution: Pearson's test.
 *
 * @module
 */

import assert from "node:assert/strict";

/**
 * Checks how often each token was drawn against its chance. Tokens that are
 * expected fewer than five times count as one. The bound is passed by one in
 * about ten thousand samples of the right distribution (Wilson and Hilferty,
 * 1931).
 */
export function checkChances(
  label: string,
  tokens: readonly number[],
  chances: readonly number[],
): void {
  const foreign = tokens.filter((token) => !(chances[token]! > 0));
  assert.deepEqual(foreign, [], `${label}: tokens that are ruled out`);
  const { statistic, freedom } = pearson(tokens, chances);
  const a = 2 / (9 * freedom);
  const bound = freedom * (1 - a + 3.72 * Math.sqrt(a)) ** 3;
  assert(statistic < bound, `${label}: chi-square ${statistic} > ${bound}`);
}

function pearson(
  tokens: readonly number[],
  chances: readonly number[],
): { readonly statistic: number; readonly freedom: number } {
  const counts = new Array<number>(chances.length).fill(0);
  for (const token of tokens) counts[token]!++;
  let statistic = 0, freedom = -1;
  const rare = { count: 0, expected: 0 };
  const add = (count: number, expected: number): void => {
    statistic += (count - expected) ** 2 / expected;
    freedom++;
  };
  chances.forEach((chance, token) => {
    const expected = chance * tokens.length;
    if (expected >= 5) return add(counts[token]!, expected);
    rare.count += counts[token]!;
    rare.expected += expected;
  });
  if (rare.expected > 0) add(rare.count, rare.expected);
  return { statistic, freedom: Math.max(1, freedom) };
}
