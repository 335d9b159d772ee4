/**
 * Refuses prompts that cannot run before any of their pictures is encoded.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Engine } from "../generation/engine.ts";
import { MOST_ROW_PICTURES } from "../generation/pool_sizes.ts";
import type { EncodedPrompt } from "./prompt.ts";

/**
 * Checks a prompt's length and pictures.
 *
 * @throws {RookeryError} `prompt` with the tokens needed, the context, and how
 * many shots of the prompt would fit
 */
export function checkPrompt(
  { context, stack: { eyes } }: Pick<Engine, "context" | "stack">,
  prompt: EncodedPrompt<unknown>,
): void {
  const { tokens, pictures } = prompt;
  if (tokens.length >= context) {
    throw new RookeryError(
      "prompt",
      `Cannot run a prompt of ${tokens.length} tokens as the model's context ` +
        `holds ${context}, one of them for the answer: use ` +
        fewer(prompt, context - 1),
      { expected: context - 1, actual: tokens.length },
    );
  }
  const most = Math.min(
    MOST_ROW_PICTURES,
    eyes?.resampler.pictures ?? Infinity,
  );
  if (pictures.length <= most) return;
  throw new RookeryError(
    "prompt",
    `Cannot run a prompt of ${pictures.length} pictures as the model reads ` +
      `${most} in a row: use fewer pictures`,
    { expected: most, actual: pictures.length },
  );
}

/** What to do about a prompt that is too long for `room` tokens. */
function fewer(
  { media, pictures }: EncodedPrompt<unknown>,
  room: number,
): string {
  if (pictures.length < 2) return "a shorter text";
  // The last picture is asked about; those before it are shots.
  const startOf = (ordinal: number) => media.indexOf(ordinal);
  const query = media.length - startOf(pictures.length);
  let fitting = 0;
  while (
    fitting + 1 < pictures.length && startOf(fitting + 2) + query <= room
  ) fitting++;
  return `fewer shots, of which ${fitting} of ${pictures.length - 1} would ` +
    "fit, or shorter texts";
}
