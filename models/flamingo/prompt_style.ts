/**
 * Texts around pictures, as data: what stands before and after an output, for
 * each kind of task.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/**
 * What is asked of a model: a caption, an answer to a question, one of some
 * labels, whether a picture with writing on it is hateful (`question` is the
 * writing), which action a video shows.
 */
export type TaskName = "caption" | "answer" | "classify" | "memes" | "actions";

/** All tasks. */
export const TASK_NAMES: readonly TaskName[] = [
  "caption",
  "answer",
  "classify",
  "memes",
  "actions",
];

/** How texts are written where a caller does not say. */
export interface TaskSettings {
  /** Beams of the search; left out, the likeliest token at each place. */
  readonly beams?: number;
  /** Beams' scores are divided by `tokens ** lengthPenalty`. Default 1. */
  readonly lengthPenalty?: number;
  /** Most tokens to write. Default 32. */
  readonly maxTokens?: number;
  /** Texts before which an output ends. Default none. */
  readonly stopStrings?: readonly string[];
}

/** Texts of one task. */
export interface TaskStyle extends TaskSettings {
  /**
   * Text after a picture. `{text}`, `{answer}` or `{label}` stands where the
   * output goes, `{question}` where the query's question does.
   */
  readonly template: string;
  /** Text after the end of each example. Default nothing. */
  readonly separator?: string;
}

/** A way to write prompts. Tasks that are left out follow others. */
export interface PromptStyle {
  /** Its name, for messages and records. */
  readonly name: string;
  /** Captions. */
  readonly caption: TaskStyle;
  /** Answers to questions. */
  readonly answer: TaskStyle;
  /** Labels. Default as `caption`. */
  readonly classify?: TaskStyle;
  /** Whether a picture with writing is hateful. Default as `answer`. */
  readonly memes?: TaskStyle;
  /** Actions in videos. Default as `caption`. */
  readonly actions?: TaskStyle;
}

/** Texts of a task in a style, those that it follows where it has none. */
export function taskStyle(style: PromptStyle, task: TaskName): TaskStyle {
  const followed = task === "answer" || task === "memes"
    ? style.answer
    : style.caption;
  return style[task] ?? followed;
}

/** How a style writes a task's texts. */
export function taskSettings(style: PromptStyle, task: TaskName): TaskSettings {
  const { template: _, separator: __, ...settings } = taskStyle(style, task);
  return settings;
}

/** A template, cut where the output goes. */
export interface Opening {
  /** Text before the output, without the space at its end. */
  readonly before: string;
  /** The space that belongs to the output: tokenizers join it to a word. */
  readonly joint: string;
}

/**
 * What a task's prompt has between picture and output.
 *
 * @throws {RookeryError} `config` for a template without a place for outputs
 */
export function openingOf(
  style: PromptStyle,
  task: TaskName,
  question: string = "",
): Opening {
  const { template } = taskStyle(style, task);
  const at = template.search(/\{(?:text|answer|label)\}/);
  if (at < 0) {
    throw new RookeryError(
      "config",
      `Cannot use the template "${template}" of ${task} in style ` +
        `"${style.name}" as it has no place for the output: write {text}, ` +
        "{answer} or {label} there",
      { path: `prompt.${task}`, actual: template },
    );
  }
  const opening = template.slice(0, at);
  const before = opening.trimEnd();
  return {
    before: before.replace("{question}", () => question.trim()),
    joint: opening.slice(before.length),
  };
}
