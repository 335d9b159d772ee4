/**
 * Pages for sequences that part ways.
 *
 * @module
 */

import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { Pools } from "./pools.ts";
import type { ProgramSet } from "./program_set.ts";
import type { ProgramSetup } from "./program_setup.ts";
import { copyProgram } from "./programs.ts";
import type { Sequence } from "./sequence.ts";

/** Where pages lie. */
export interface PagePlace {
  /** The pools. */
  readonly pools: Pools;
  /** Programs on them. */
  readonly programs: ProgramSet;
  /** What programs are made for now; it changes when pools grow. */
  setup(): ProgramSetup;
}

/** Pages for a copy of a sequence: full ones shared, the last one copied. */
export async function sharePages(
  { pools, programs, setup }: PagePlace,
  { pages, past }: Sequence,
): Promise<number[]> {
  const full = Math.floor(past.length / PAGE_SLOTS);
  const isPartial = past.length % PAGE_SLOTS !== 0;
  if (isPartial) await programs.reserve({ pages: 1 });
  const shared = pages.slice(0, full);
  shared.forEach((page) => pools.pages.retain(page));
  if (!isPartial) return shared;
  const own = pools.pages.take();
  const program = await programs.get("copy 1", () => copyProgram(setup(), 1));
  program.write("from", new Uint32Array([pages[full]!]));
  program.write("to", new Uint32Array([own]));
  await program.run();
  return [...shared, own];
}
