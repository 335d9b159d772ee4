/**
 * Examples and queries, and the pieces of prompts that they become.
 *
 * @module
 */

import type { Media } from "../flamingo/media.ts";
import type { PromptItem } from "../flamingo/prompt.ts";
import type { PromptStyle, TaskName } from "../flamingo/prompt_style.ts";
import { taskPrompt } from "./task_prompt.ts";
import type { Query, Shot } from "./shot.ts";

/** Prompt of examples and a query, up to where the model goes on. */
export function buildShots(
  style: PromptStyle,
  shots: readonly Shot[],
  query: Query,
): PromptItem<Media>[] {
  return [...taskPrompt({ style, shots, query }).items];
}

/** The examples alone: for each a picture, its text, the end of its chunk. */
export function shotItems(
  style: PromptStyle,
  shots: readonly Shot[],
  task?: TaskName,
): PromptItem<Media>[] {
  return [...taskPrompt({ style, shots, task }).items];
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
