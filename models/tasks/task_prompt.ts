/**
 * The prompt layer that all tasks share: examples and a query as a prompt, in
 * the style that a model was trained with.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Media } from "../flamingo/media.ts";
import type { PromptItem } from "../flamingo/prompt.ts";
import {
  openingOf,
  type PromptStyle,
  type TaskName,
  type TaskSettings,
  taskSettings,
  taskStyle,
} from "../flamingo/prompt_style.ts";
import type { Query, Shot } from "./shot.ts";

/** What a prompt is made of. */
export interface TaskPromptOptions {
  /** Texts around pictures, e.g. the model's own `style`. */
  readonly style: PromptStyle;
  /** The task; left out, an answer where there is a question, else a caption. */
  readonly task?: TaskName | undefined;
  /** Examples, in order. Default none. */
  readonly shots?: readonly Shot[];
  /** What is asked; left out for the examples alone, e.g. for a prefix. */
  readonly query?: Query | undefined;
  /**
   * Whether the examples' pictures are left out: so the paper shows what an
   * output looks like at 0 shots, with two examples (appendix A.2).
   */
  readonly isTextOnly?: boolean;
}

/** A prompt, and how the model goes on from it. */
export interface TaskPrompt {
  /** The prompt, up to where the model goes on. */
  readonly items: readonly PromptItem<Media>[];
  /** How many of the items are examples; the query's follow. */
  readonly exampleItems: number;
  /** How the style writes this task's texts. */
  readonly settings: TaskSettings;
  /** An output as the model writes it after the prompt. */
  readonly output: (text: string) => string;
}

/**
 * Makes a prompt: for each example its picture, its text, the end of its chunk
 * and what the style puts between examples; then the query.
 *
 * @throws {RookeryError} `prompt` for an example without an output, `config`
 * for a template that cannot be used
 */
export function taskPrompt(options: TaskPromptOptions): TaskPrompt {
  const { style, shots = [], query, isTextOnly = false } = options;
  const task = options.task ??
    (query?.question === undefined ? "caption" : "answer");
  const items = shots.flatMap((shot, i) =>
    exampleItems({ style, task: options.task, isTextOnly }, shot, i)
  );
  const exampleCount = items.length;
  const { before, joint } = openingOf(style, task, query?.question);
  if (query !== undefined) {
    items.push(pictureOf(query));
    if (before !== "") items.push({ text: before });
  }
  return {
    items,
    exampleItems: exampleCount,
    settings: taskSettings(style, task),
    output: (text) => joint + text.trim(),
  };
}

function exampleItems(
  { style, task: given, isTextOnly }: {
    readonly style: PromptStyle;
    readonly task: TaskName | undefined;
    readonly isTextOnly: boolean;
  },
  shot: Shot,
  index: number,
): PromptItem<Media>[] {
  const isQuestion = "question" in shot;
  // Labels may be learnt from answers as well.
  const isAnswer = isQuestion && (given ?? "classify") === "classify";
  const task = isAnswer ? "answer" : given ?? "caption";
  const question = isQuestion ? shot.question : undefined;
  const output = (isQuestion ? shot.answer : shot.text).trim();
  if (output === "") {
    throw new RookeryError(
      "prompt",
      `Cannot use shot ${index + 1} as its ${
        isQuestion ? "answer" : "text"
      } is empty: give it the output that the model should learn`,
      { actual: output },
    );
  }
  const { before, joint } = openingOf(style, task, question);
  const { separator = "" } = taskStyle(style, task);
  return [
    ...(isTextOnly ? [] : [pictureOf(shot)]),
    { text: before + joint + output },
    { endOfChunk: true },
    ...(separator === "" ? [] : [{ text: separator }]),
  ];
}

function pictureOf({ image, video }: Query | Shot): PromptItem<Media> {
  return video === undefined ? { image } : { video: image, ...video };
}
