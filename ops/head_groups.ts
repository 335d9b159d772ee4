/**
 * The rule of grouped heads (Ainslie et al., 2023): the heads of the queries
 * share those of keys and values in equal groups. Not an op.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

/** Refuses query heads that key heads cannot be shared among evenly. */
export function checkGroups(op: string, heads: number, groups: number): void {
  if (groups > 0 && heads % groups === 0) return;
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} as ${heads} query heads cannot share ${groups} key ` +
      "heads evenly: the first must be a multiple of the second",
    { op, expected: groups, actual: heads },
  );
}
