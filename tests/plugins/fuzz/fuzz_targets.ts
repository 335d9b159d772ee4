/**
 * All that is fed with damaged files.
 *
 * @module
 */

import { configTargets } from "./config_targets.ts";
import { readerTargets } from "./reader_targets.ts";
import type { FuzzTarget } from "./run_fuzz.ts";
import { tokenizerTargets } from "./tokenizer_targets.ts";

/** Readers of weights, configs and tokenizers. */
export async function fuzzTargets(): Promise<FuzzTarget[]> {
  return [
    ...await readerTargets(),
    ...await configTargets(),
    ...await tokenizerTargets(),
  ];
}
