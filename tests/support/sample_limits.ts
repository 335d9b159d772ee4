/**
 * Recorded cases of what transformers' logits processors leave.
 *
 * @module
 */

import type { AdjustedFields } from "./control_rows.ts";

/** One recorded case. */
export interface LimitCase {
  /** What it is about. */
  readonly name: string;
  /** The sampler. */
  readonly fields: AdjustedFields;
  /** Logits, one a token. */
  readonly logits: readonly number[];
  /** Scores that are left; −∞ for what is ruled out. */
  readonly scores: readonly number[];
  /** Chances of the tokens. */
  readonly chances: readonly number[];
}

/** The cases, from `tests/golden/ops/sample_limits.json`. */
export async function readLimitCases(): Promise<LimitCase[]> {
  const url = new URL("../golden/ops/sample_limits.json", import.meta.url);
  const { cases } = JSON.parse(await Deno.readTextFile(url)) as {
    cases: (Omit<LimitCase, "scores"> & {
      scores: (number | "-inf")[];
      counts: [number, number][];
      bias: [number, number][];
    })[];
  };
  return cases.map(({ counts, bias, fields, scores, ...one }) => ({
    ...one,
    fields: { ...fields, counts, bias },
    scores: scores.map((z) => z === "-inf" ? -Infinity : z),
  }));
}
