/**
 * Drawn tokens as JSON has them.
 *
 * @module
 */

import type { Sample, TokenChance, Tokenizer } from "../mod.ts";

/** A token with its text. */
export interface NamedToken {
  /** Token id. */
  readonly id: number;
  /** Text that it alone decodes to. */
  readonly token: string;
  /** Natural logarithm of its chance. */
  readonly logprob: number;
}

/** A drawn token, with the likeliest tokens at its place, best first. */
export interface DrawnToken extends NamedToken {
  /** The likeliest tokens; empty where none were asked for. */
  readonly top: readonly NamedToken[];
}

/** `logprobs` of a result, where `--top-logprobs` was given; else nothing. */
export function drawnJson(
  samples: readonly Sample[],
  tokenizer: Tokenizer,
  topLogprobs: number | undefined,
): { readonly logprobs?: readonly DrawnToken[] } {
  if (topLogprobs === undefined) return {};
  const named = ({ token, logprob }: TokenChance): NamedToken => ({
    id: token,
    token: tokenizer.decode([token]),
    logprob,
  });
  return {
    logprobs: samples.map((sample) => ({
      ...named(sample),
      top: (sample.top ?? []).map(named),
    })),
  };
}
