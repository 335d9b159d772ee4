/**
 * Results on trained concepts in a new drawing style.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import type { NearestNeighbour } from "./nearest_neighbour.ts";
import {
  answersOf,
  defined,
  meanPercent,
  percent,
  type ResultRow,
} from "./result_row.ts";
import type { TestLists } from "./test_lists.ts";
import { bestOf, exactMatch, mostFrequent, tokenF1 } from "./text_metrics.ts";

/** Compares a text with the right one, 0 … 1. */
type Measure = (guess: string, truth: string) => number;

/** The rows whose queries were answered. */
export function newStyleRows(
  lists: TestLists,
  journal: Journal,
  nearest?: NearestNeighbour,
): ResultRow[] {
  const { queries } = lists.newStyle;
  const zero = textsOf(journal, "new_style/zero", queries.length);
  if (zero.size === 0) return [];
  return [
    captionRow(lists, zero, exactMatch, {
      test: "New style, 0 shots, exact label",
      atLeast: "42",
      stretch: "52",
    }, nearest),
    captionRow(lists, zero, tokenF1, {
      test: "New style, 0 shots, token F1",
      atLeast: "52",
      stretch: "60",
    }, nearest),
    ...rankRows(lists, journal, nearest),
    ...fewShotRows(lists, journal, zero),
    ...shuffledRows(lists, zero),
  ];
}

function captionRow(
  { newStyle: { queries }, trained }: TestLists,
  zero: ReadonlyMap<number, string>,
  measure: Measure,
  goal: Pick<ResultRow, "test" | "atLeast" | "stretch">,
  nearest: NearestNeighbour | undefined,
  shuffled = zero,
): ResultRow {
  const numbers = [...zero.keys()];
  const against = (guessOf: (n: number) => string) =>
    numbers.map((n) => measure(guessOf(n), queries[n]!.label));
  const common = mostFrequent(trained.map(({ label }) => label));
  return defined<ResultRow>({
    ...goal,
    result: percent(against((n) => zero.get(n)!)),
    mostFrequent: meanPercent(against(() => common)),
    shuffled: meanPercent(shuffledValues(queries, shuffled, measure)),
    nearest: nearest &&
      meanPercent(against((n) => nearest.concept(queries[n]!).label)),
  });
}
