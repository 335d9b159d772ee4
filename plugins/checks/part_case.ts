/**
 * What a part is checked with, and what the checks of a slot are given.
 *
 * @module
 */

import type { Neighbours, Part, SlotName, SlotValues } from "../plugin.ts";
import type { CheckList } from "./plugin_report.ts";
import type { TestBench } from "./test_bench.ts";

/** One way to use a part. */
export interface PartCase {
  /** Name of the part. */
  readonly part: string;
  /** Its slot, where the plugin has parts of one name for several. */
  readonly slot?: SlotName;
  /** Keys of its section of a config, small sizes by preference. */
  readonly options?: Readonly<Record<string, unknown>>;
  /**
   * File or folder of its weights, as `weights` (for tokenizers `from`) of its
   * section. Without one, weights are made up.
   */
  readonly weights?: string;
  /** Sizes of the parts beside it; small ones by default. */
  readonly neighbours?: Neighbours;
  /** Readers and image processors: a file that it opens. */
  readonly file?: string;
  /** Tokenizers: texts that must come back as they were. */
  readonly texts?: readonly string[];
}

/** A built part, ready for the checks of its slot. */
export interface BuiltCase<S extends SlotName> {
  /** Slot and name, for the report. */
  readonly subject: string;
  /** The part. */
  readonly part: Part<S>;
  /** What it made. */
  readonly value: SlotValues[S];
  /** The case. */
  readonly given: PartCase;
  /** The sizes that it was told. */
  readonly neighbours: Required<Neighbours>;
  /** Receives checks. */
  readonly list: CheckList;
  /** Runs templates. */
  readonly bench: TestBench;
}

/** Neighbours of a case that names none: odd sizes, so that mix-ups show. */
export const USUAL_NEIGHBOURS: Required<Neighbours> = {
  vision: { px: 32, positions: 9, width: 24 },
  resampler: { latents: 5, width: 24 },
  language: { width: 48, vocabulary: 96, layers: 4 },
};

/** Fails unless these keys hold whole numbers of at least 1. */
export function mustBeCounts(sizes: Readonly<Record<string, unknown>>): void {
  for (const [key, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size as number >= 1) continue;
    throw new Error(`${key} is ${size}: it must be a whole number from 1 on`);
  }
}
