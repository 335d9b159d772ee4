/**
 * Lists of numbers in options.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";

/** Whole numbers from `least`, by commas; throws a `usage` error. */
export function countsOf(name: string, text: string, least: number): number[] {
  const counts = text.split(",").map((part) =>
    part.trim() === "" ? NaN : Number(part)
  );
  const isFit = counts.every((count) =>
    Number.isInteger(count) && count >= least
  );
  if (isFit) return counts;
  throw new RookeryError(
    "usage",
    `Cannot use --${name} ${text}: give whole numbers from ${least}, by commas`,
    { actual: text },
  );
}
