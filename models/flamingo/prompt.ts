/**
 * Interleaved prompts: pictures and text in order, as tokens with the picture
 * that each of them sees (Flamingo, section 2.3: a token looks only at the
 * picture just before it).
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Chunk } from "../generation/sequence.ts";
import type { Tokenizer } from "../slots.ts";

/** One item of a prompt; `Media` is whatever stands for a picture. */
export type PromptItem<Media> =
  | { readonly image: Media }
  | { readonly text: string }
  | { readonly endOfChunk: true };

/** Ids of the marks in a prompt. */
export interface PromptTokens {
  /** Stands where a picture is. */
  readonly image: number;
  /** Ends a picture's text. */
  readonly endOfChunk: number;
  /** Put before everything else; undefined for nothing. */
  readonly start: number | undefined;
}

/** A prompt as the engine takes it. */
export interface EncodedPrompt<Media> extends Chunk {
  /** Its pictures, in order. */
  readonly pictures: readonly Media[];
}

/** Tokens, picture ordinals and pictures of a prompt. */
export function encodePrompt<Media>(
  items: readonly PromptItem<Media>[],
  tokenizer: Tokenizer,
  marks: PromptTokens | undefined,
): EncodedPrompt<Media> {
  const tokens: number[] = marks?.start === undefined ? [] : [marks.start];
  const media: number[] = tokens.map(() => 0);
  const pictures: Media[] = [];
  for (const item of items) {
    if ("image" in item) pictures.push(item.image);
    const fresh = "text" in item
      ? tokenizer.encode(item.text)
      : [markOf(item, marks)];
    tokens.push(...fresh);
    media.push(...fresh.map(() => pictures.length));
  }
  if (tokens.length > 0) return { tokens, media, pictures };
  throw new RookeryError(
    "prompt",
    "Cannot use an empty prompt: give it at least one picture or some text",
  );
}

function markOf<Media>(
  item: Exclude<PromptItem<Media>, { readonly text: string }>,
  marks: PromptTokens | undefined,
): number {
  if (marks !== undefined) {
    return "image" in item ? marks.image : marks.endOfChunk;
  }
  throw new RookeryError(
    "prompt",
    `Cannot use ${"image" in item ? "a picture" : "endOfChunk"} in a prompt ` +
      "as the model is a language model without vision: use text only, or a " +
      "Flamingo config",
  );
}
