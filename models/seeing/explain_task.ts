/**
 * Explains what a model said about a picture, with the prompt that its task
 * makes.
 *
 * @module
 */

import type { Flamingo } from "../flamingo/flamingo.ts";
import type { TaskName } from "../flamingo/prompt_style.ts";
import type { Query, Shot } from "../tasks/shot.ts";
import { taskPrompt } from "../tasks/task_prompt.ts";
import { explain, type ExplainOptions, type Explanation } from "./explain.ts";

/** Options of `explainTask`. */
export interface ExplainTaskOptions extends ExplainOptions {
  /** Examples, in order. Default none. */
  readonly shots?: readonly Shot[] | undefined;
  /** Whether the examples' pictures are left out. */
  readonly isTextOnly?: boolean | undefined;
  /** The task; left out, an answer where there is a question, else a caption. */
  readonly task?: TaskName | undefined;
}

/**
 * Explains a text about a picture: a caption, an answer or a label, as text or
 * as the tokens that were drawn.
 */
export async function explainTask(
  model: Flamingo,
  query: Query,
  said: string | readonly number[],
  options: ExplainTaskOptions = {},
): Promise<Explanation> {
  const { shots = [], isTextOnly = false, task, ...rest } = options;
  const { style } = model;
  const prompt = taskPrompt({ style, shots, query, isTextOnly, task });
  const text = typeof said === "string" ? prompt.output(said) : said;
  return await explain(model, prompt.items, text, rest);
}
