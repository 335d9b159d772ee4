/**
 * Room for more tokens of sequences.
 *
 * @module
 */

import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { Pools } from "./pools.ts";
import type { ProgramSet } from "./program_set.ts";
import type { Sequence } from "./sequence.ts";

/** Makes sure that every sequence has pages for so many more tokens of its. */
export async function extendPages(
  { pools, programs }: { readonly pools: Pools; readonly programs: ProgramSet },
  sequences: readonly Sequence[],
  extra: readonly number[],
): Promise<void> {
  const missing = sequences.map(({ pages, past }, i) =>
    Math.max(
      0,
      Math.ceil((past.length + extra[i]!) / PAGE_SLOTS) - pages.length,
    )
  );
  const pages = missing.reduce((sum, count) => sum + count, 0);
  await programs.reserve({ pages });
  sequences.forEach(({ pages }, i) => {
    for (let n = 0; n < missing[i]!; n++) pages.push(pools.pages.take());
  });
}
