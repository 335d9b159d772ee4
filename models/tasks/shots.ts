/**
 * Examples and queries, and the pieces of prompts that they become.
 *
 * @module
 */

import type { Media } from "../flamingo/media.ts";
import type { PromptItem } from "../flamingo/prompt.ts";
import type { PromptStyle } from "../flamingo/prompt_style.ts";
import { taskPrompt, type TaskPromptOptions } from "./task_prompt.ts";
import type { Query, Shot } from "./shot.ts";

/** Prompt of examples and a query, up to where the model goes on. */
export function buildShots(
  style: PromptStyle,
  shots: readonly Shot[],
  query: Query,
): PromptItem<Media>[] {
  return [...taskPrompt({ style, shots, query }).items];
}

/** How examples are written, where it is not what they say. */
export type ShotItemsOptions = Pick<TaskPromptOptions, "task" | "isTextOnly">;

/** The examples alone: for each a picture, its text, the end of its chunk. */
export function shotItems(
  style: PromptStyle,
  shots: readonly Shot[],
  how: ShotItemsOptions = {},
): PromptItem<Media>[] {
  return [...taskPrompt({ style, shots, ...how }).items];
}

/** An output as the model writes it after a prompt of `buildShots`. */
export function outputText(
  style: PromptStyle,
  output: string,
  question?: string,
): string {
  const task = question === undefined ? "caption" : "answer";
  return taskPrompt({ style, task }).output(output);
}
