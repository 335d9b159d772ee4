/**
 * Prompts of examples and a query, by the style that a model was trained with.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { PromptStyle } from "../flamingo/flamingo.ts";
import type { Media } from "../flamingo/media.ts";
import type { PromptItem } from "../flamingo/prompt.ts";

/** An example: a picture with its text, or with a question and its answer. */
export type Shot =
  | { readonly image: Media; readonly text: string }
  | {
    readonly image: Media;
    readonly question: string;
    readonly answer: string;
  };

/** What is asked about a picture; without a question, a caption is wanted. */
export interface Query {
  /** The picture. */
  readonly image: Media;
  /** The question. */
  readonly question?: string;
}

/** Prompt of examples and a query, up to where the model goes on. */
export function buildShots(
  style: PromptStyle,
  shots: readonly Shot[],
  query: Query,
): PromptItem<Media>[] {
  const items = shotItems(style, shots);
  items.push({ image: query.image });
  const { before } = openingOf(style, query.question);
  if (before !== "") items.push({ text: before });
  return items;
}

/** The examples alone: for each a picture, its text, the end of its chunk. */
export function shotItems(
  style: PromptStyle,
  shots: readonly Shot[],
): PromptItem<Media>[] {
  return shots.flatMap((shot): PromptItem<Media>[] => {
    const { before, joint } = openingOf(
      style,
      "question" in shot ? shot.question : undefined,
    );
    const output = "question" in shot ? shot.answer : shot.text;
    const text = before + joint + output.trim();
    return [{ image: shot.image }, { text }, { endOfChunk: true }];
  });
}

/** An output as the model writes it after a prompt of `buildShots`. */
export function outputText(
  style: PromptStyle,
  output: string,
  question?: string,
): string {
  return openingOf(style, question).joint + output.trim();
}

/**
 * Text between picture and output, and the space that belongs to the output:
 * tokenizers join a space to the word after it.
 */
function openingOf(
  style: PromptStyle,
  question: string | undefined,
): { before: string; joint: string } {
  const name = question === undefined ? "caption" : "answer";
  const mark = question === undefined ? "{text}" : "{answer}";
  const template = style[name];
  const at = template.indexOf(mark);
  if (at < 0) {
    throw new RookeryError(
      "config",
      `Cannot use prompt.${name} "${template}" as it lacks ${mark}: write ` +
        `${mark} where the model's output goes`,
      { path: `prompt.${name}`, actual: template },
    );
  }
  const opening = template.slice(0, at);
  const before = opening.trimEnd();
  return {
    before: before.replace("{question}", () => question?.trim() ?? ""),
    joint: opening.slice(before.length),
  };
}
