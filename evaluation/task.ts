/**
 * A part of the evaluation: numbered queries that a model answers in batches.
 *
 * @module
 */

import type { Answer } from "./journal.ts";
import type { Subject } from "./subject.ts";

/** Queries of one kind. */
export interface Task {
  /** Name in the journal, e.g. `"new_style/zero"`. */
  readonly name: string;
  /** Number of queries. */
  readonly count: number;
  /** Queries that are answered together. */
  readonly batch: number;
  /** Work of a query against that of a caption without examples: about. */
  readonly cost: number;
  /** Answers the queries of these numbers. */
  answer(subject: Subject, numbers: readonly number[]): Promise<Answer[]>;
}

/** Key of a query in the journal. */
export function answerKey(task: string, number: number): string {
  return `${task}/${number}`;
}
