/**
 * What sequences' samplers know of single tokens, packed for the device.
 *
 * @module
 */

import {
  type Adjustment,
  type Adjustments,
  adjustmentWords,
  writeAdjustments,
} from "../../ops/adjustments.ts";
import type { Sequence } from "./sequence.ts";

/** Adjustments of rows, one block after another. */
export interface PackedAdjustments {
  /** The blocks. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Where each row's block starts; undefined for a row without any. */
  readonly places: readonly (number | undefined)[];
}

/** Whether a sequence's sampler looks at counts or biases. */
export function isAdjusted({ sampler }: Sequence): boolean {
  return sampler.logitBias.size > 0 || hasCounts(sampler);
}

/** Packs what is known of the sequences' tokens. */
export function packAdjustments(
  sequences: readonly Sequence[],
  vocabulary: number,
): PackedAdjustments {
  const known = sequences.map(adjustmentsOf);
  const sizes = known.map(({ size }) =>
    size === 0 ? 0 : adjustmentWords(vocabulary, size)
  );
  const words = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  const places = known.map((adjustments, i) => {
    if (adjustments.size === 0) return undefined;
    const start = end;
    end += sizes[i]!;
    writeAdjustments(words.subarray(start, end), vocabulary, adjustments);
    return start;
  });
  return { words, places };
}

function adjustmentsOf({ sampler, samples }: Sequence): Adjustments {
  const known = new Map<number, Adjustment>();
  for (const [token, bias] of sampler.logitBias) {
    known.set(token, { count: 0, bias });
  }
  if (!hasCounts(sampler)) return known;
  for (const { token } of samples) {
    const { count, bias } = known.get(token) ?? { count: 0, bias: 0 };
    known.set(token, { count: count + 1, bias });
  }
  return known;
}

function hasCounts(sampler: Sequence["sampler"]): boolean {
  return sampler.frequencyPenalty !== 0 || sampler.presencePenalty !== 0;
}
