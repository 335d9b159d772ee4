/**
 * The prompt of language-model workloads: which tokens does not matter.
 *
 * @module
 */

/** So many tokens, the same for every runner. */
export function promptOf(length: number): number[] {
  return Array.from({ length }, (_, i) => 1000 + 7 * i % 20000);
}
