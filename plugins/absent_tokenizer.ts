/**
 * What stands in the tokenizer's slot of a model that came without one, so
 * that it can still be run on token ids.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { Tokenizer } from "../models/slots.ts";

/** A tokenizer that refuses every text with the reason it is absent for. */
export function absentTokenizer(
  vocabularySize: number,
  reason: string,
): Tokenizer {
  const refuse = (): never => {
    throw new RookeryError(
      "usage",
      `Cannot use text with this model, only token ids: ${reason}`,
    );
  };
  return {
    vocabularySize,
    hasText: false,
    bos: undefined,
    eos: undefined,
    encode: refuse,
    decode: refuse,
    idOf: () => undefined,
    tokenOf: () => undefined,
    streamDecoder: refuse,
  };
}
