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

/** Which frames of a video file are shown. */
export interface VideoOptions {
  /** Most frames. Default 30. */
  readonly most?: number;
  /**
   * Frames a second, from the beginning, where a file is decoded by `ffmpeg`.
   * Default 3, as Flamingo at inference. Of a GIF, `most` frames are taken
   * evenly spaced.
   */
  readonly rate?: number;
}

/**
 * A picture, or a video as one file or as its frames; `Media` is whatever
 * stands for a picture.
 */
export type PictureItem<Media> =
  | { readonly image: Media }
  | ({ readonly video: Media } & VideoOptions)
  | { readonly frames: readonly Media[] };

/** One item of a prompt. A video stands where a picture would. */
export type PromptItem<Media> =
  | PictureItem<Media>
  | { readonly text: string }
  | { readonly endOfChunk: true };

/** Ids of the marks in a prompt. */
export interface PromptTokens {
  /** Stand where a picture is: one mark, or the tokens of a plain text. */
  readonly image: readonly number[];
  /** Each of these begins a picture's mark, wherever it occurs. */
  readonly imageStarts: readonly number[];
  /** Stands on both sides of pictures; undefined for nothing. */
  readonly around: number | undefined;
  /** Ends a picture's text. */
  readonly endOfChunk: number;
  /** After it no picture is seen until the next; undefined: none does that. */
  readonly closing: number | undefined;
  /** Put before everything else; undefined for nothing. */
  readonly start: number | undefined;
  /**
   * Put between texts that follow each other; undefined: they are one text,
   * cut into tokens as a whole.
   */
  readonly between: number | undefined;
  /** Whether spaces around texts are dropped. */
  readonly isTrimmed: boolean;
}

/** A prompt as the engine takes it. */
export interface EncodedPrompt<Media> extends Chunk {
  /** Its pictures and videos, in order. */
  readonly pictures: readonly PictureItem<Media>[];
}

/** What a prompt goes on from. */
export interface PromptPast {
  /** Its tokens, at least one. */
  readonly past: readonly number[];
  /** The picture that its last token sees, 1 for the first and 0 for none. */
  readonly media: number;
  /** Its pictures and videos. */
  readonly pictures: readonly unknown[];
}

/**
 * Tokens, picture ordinals and pictures of a prompt; `after` what it goes on
 * from, whose texts stay as they were cut into tokens.
 */
export function encodePrompt<Media>(
  items: readonly PromptItem<Media>[],
  tokenizer: Tokenizer,
  marks: PromptTokens | undefined,
  after?: PromptPast,
): EncodedPrompt<Media> {
  const start = after ? undefined : marks?.start;
  const tokens: number[] = start === undefined ? [] : [start];
  const media: number[] = tokens.map(() => 0);
  const pictures: PictureItem<Media>[] = [];
  const first = after?.pictures.length ?? 0;
  let seen = after?.media ?? 0;
  const push = (ids: readonly number[]): void => {
    tokens.push(...ids);
    media.push(...ids.map(() => seen));
  };
  for (const item of joinedTexts(items, marks)) {
    if ("id" in item) push([item.id]);
    else if ("text" in item) push(tokenizer.encode(item.text));
    else if ("endOfChunk" in item) {
      const { endOfChunk, closing } = marksOf(marks, "endOfChunk");
      push([endOfChunk]);
      if (endOfChunk === closing) seen = 0;
    } else {
      const { image, around } = marksOf(marks, "a picture");
      const border = around === undefined ? [] : [around];
      const last = tokens.at(-1) ?? after?.past.at(-1);
      if (last !== around) push(border);
      seen = first + pictures.push(item);
      push([...image, ...border]);
    }
  }
  if (tokens.length > 0) return { tokens, media, pictures };
  throw new RookeryError(
    "prompt",
    "Cannot use an empty prompt: give it at least one picture or some text",
  );
}

/** The items, neighbouring texts joined or with the mark between them. */
function joinedTexts<Media>(
  items: readonly PromptItem<Media>[],
  marks: PromptTokens | undefined,
): (PromptItem<Media> | { readonly id: number })[] {
  const joined: (PromptItem<Media> | { readonly id: number })[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    if (!("text" in item)) {
      joined.push(item);
      continue;
    }
    const text = marks?.isTrimmed
      ? item.text.replace(/^ +| +$/g, "")
      : item.text;
    if (last === undefined || !("text" in last)) joined.push({ text });
    else if (marks?.between !== undefined) {
      joined.push({ id: marks.between }, { text });
    } else joined.splice(-1, 1, { text: last.text + text });
  }
  return joined;
}

/**
 * For each token, the picture that it sees, 1 for the first and 0 for none: the
 * latest whose mark began up to it, unless a closing token came since.
 */
export function pictureOrdinals(
  tokens: readonly number[],
  marks: PromptTokens | undefined,
): number[] {
  let pictures = 0, seen = 0;
  return tokens.map((token) => {
    if (marks?.imageStarts.includes(token)) seen = ++pictures;
    const ordinal = seen;
    if (token === marks?.closing) seen = 0;
    return ordinal;
  });
}

function marksOf(
  marks: PromptTokens | undefined,
  what: string,
): PromptTokens {
  if (marks !== undefined) return marks;
  throw new RookeryError(
    "prompt",
    `Cannot use ${what} in a prompt as the model is a language model without ` +
      "vision: use text only, or a Flamingo config",
  );
}
