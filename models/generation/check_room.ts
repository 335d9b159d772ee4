/**
 * Whether what is asked of an engine fits its context and its programs.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { MOST_CHUNK_TOKENS } from "./buckets.ts";
import type { Sequence } from "./sequence.ts";

/** Refuses more tokens after a sequence's past than a context holds. */
export function checkRoom(
  context: number,
  { past }: Sequence,
  tokens: number,
): void {
  const total = past.length + Math.max(0, tokens);
  if (total <= context) return;
  throw new RookeryError(
    "prompt",
    `Cannot feed ${tokens} tokens after ${past.length} as the context holds ` +
      `${context}: use fewer shots or shorter texts`,
    { expected: context, actual: total },
  );
}

/** Scored chunks run in one piece; what comes before them may be fed first. */
export function checkScored(tokens: number): void {
  if (tokens <= MOST_CHUNK_TOKENS) return;
  throw new RookeryError(
    "prompt",
    `Cannot score ${tokens} tokens at once as a run takes ` +
      `${MOST_CHUNK_TOKENS}: use a shorter text`,
    { expected: MOST_CHUNK_TOKENS, actual: tokens },
  );
}
