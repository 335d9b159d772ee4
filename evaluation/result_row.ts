/**
 * A line of the table of results.
 *
 * @module
 */

import { type Estimate, estimateMean } from "../mod.ts";
import type { Journal } from "./journal.ts";
import { answerKey } from "./task.ts";
import type { Answer } from "./journal.ts";

/** A figure beside its goals and baselines, all in percent. */
export interface ResultRow {
  /** What was tested. */
  readonly test: string;
  /** The model's figure. */
  readonly result: Estimate;
  /** The least that was hoped for, in words. */
  readonly atLeast?: string;
  /** More than that, in words. */
  readonly stretch?: string;
  /** Always the commonest answer, or chance. */
  readonly mostFrequent?: number;
  /** The model with other pictures. */
  readonly shuffled?: number;
  /** Nearest neighbour on the encoder's features. */
  readonly nearest?: number;
}

/** Mean of values 0 … 1 in percent, with its interval. */
export function percent(values: readonly number[]): Estimate {
  return estimateMean(values.map((value) => 100 * value));
}

/** Mean of values 0 … 1 in percent; undefined for none. */
export function meanPercent(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return 100 * values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Answered queries of a task, by rising number. */
export function answersOf(
  journal: Journal,
  task: string,
  count: number,
): { readonly number: number; readonly answer: Answer }[] {
  return Array.from({ length: count }, (_, number) => {
    const answer = journal.get(answerKey(task, number));
    return answer ? [{ number, answer }] : [];
  }).flat();
}

/** An object without its undefined members. */
export function defined<T extends object>(
  value: { readonly [K in keyof T]: T[K] | undefined },
): T {
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries) as T;
}
