/**
 * What a task is measured on.
 *
 * @module
 */

import type { TaskName } from "../../flamingo/prompt_style.ts";

/** A picture and what is right about it. */
export interface DatasetRow {
  /** Name in its dataset, its own among the rows of a split. */
  readonly id: string;
  /** Path of the picture. */
  readonly image: string;
  /** What is asked; a caption is wanted where nothing is. */
  readonly question?: string | undefined;
  /** What people say: captions, answers, or one label. At least one. */
  readonly texts: readonly string[];
}

/** A dataset in the form that evaluations take. */
export interface Dataset {
  /** Its name, e.g. `vqav2`. */
  readonly name: string;
  /** What is done with it. */
  readonly task: TaskName;
  /** How it is scored. */
  readonly metric: "captions" | "vqa" | "labels" | "roc-auc";
  /** Rows that examples are drawn from. */
  readonly train: readonly DatasetRow[];
  /** Rows that are asked about. */
  readonly test: readonly DatasetRow[];
  /** Labels that are ranked; the first is the positive one of `roc-auc`. */
  readonly labels?: readonly string[] | undefined;
  /** Files that say all this. */
  readonly files: readonly string[];
}
