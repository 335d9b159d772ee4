/**
 * Refuses prompts that cannot run before any of their pictures is encoded.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Engine } from "../generation/engine.ts";
import { MOST_ROW_PICTURES } from "../generation/pool_sizes.ts";
import type { EncodedPrompt, PromptPast } from "./prompt.ts";

/** What a prompt of its own goes on from. */
const NOTHING: PromptPast = { past: [], media: 0, pictures: [] };

/**
 * Checks a prompt's length and pictures.
 *
 * @throws {RookeryError} `prompt` with the tokens needed, the context, and how
 * many shots of the prompt would fit
 */
export function checkPrompt(
  { context, stack: { eyes } }: Pick<Engine, "context" | "stack">,
  prompt: EncodedPrompt<unknown>,
  after: PromptPast = NOTHING,
): void {
  const { past, pictures: before } = after;
  const tokens = past.length + prompt.tokens.length;
  const pictures = before.length + prompt.pictures.length;
  if (tokens >= context) {
    throw new RookeryError(
      "prompt",
      `Cannot run a prompt of ${tokens} tokens as the model's context ` +
        `holds ${context}, one of them for the answer: use ` +
        fewer(prompt, context - 1 - past.length, before.length),
      { expected: context - 1, actual: tokens },
    );
  }
  const most = Math.min(
    MOST_ROW_PICTURES,
    eyes?.resampler.pictures ?? Infinity,
  );
  if (pictures <= most) return;
  throw new RookeryError(
    "prompt",
    `Cannot run a prompt of ${pictures} pictures as the model reads ` +
      `${most} in a row: use fewer pictures`,
    { expected: most, actual: pictures },
  );
}

/** What to do about a prompt that is too long for `room` tokens. */
function fewer(
  { media, pictures }: EncodedPrompt<unknown>,
  room: number,
  before: number,
): string {
  if (pictures.length < 2) return "a shorter text";
  // The last picture is asked about; those before it are shots.
  const startOf = (ordinal: number) => media.indexOf(before + ordinal);
  const query = media.length - startOf(pictures.length);
  let fitting = 0;
  while (
    fitting + 1 < pictures.length && startOf(fitting + 2) + query <= room
  ) fitting++;
  return `fewer shots, of which ${fitting} of ${pictures.length - 1} would ` +
    "fit, or shorter texts";
}
