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

/** Texts of a task by number of the query. */
type Texts = ReadonlyMap<number, string>;

/** The rows whose queries were answered. */
export function newStyleRows(
  lists: TestLists,
  journal: Journal,
  nearest?: NearestNeighbour,
): ResultRow[] {
  const texts = (task: string): Texts =>
    new Map(
      answersOf(journal, task, lists.newStyle.queries.length)
        .map(({ number, answer }) => [number, answer.text ?? ""]),
    );
  const zero = texts("new_style/zero");
  if (zero.size === 0) return [];
  const exact = { test: "New style, 0 shots: exact label" };
  const f1 = { test: "New style, 0 shots: token F1" };
  return [
    captionRow(lists, { zero, nearest, measure: exactMatch }, {
      ...exact,
      atLeast: "42",
      stretch: "52",
    }),
    captionRow(lists, { zero, nearest, measure: tokenF1 }, {
      ...f1,
      atLeast: "52",
      stretch: "60",
    }),
    ...rankRows(lists, journal, nearest),
    ...fewShotRows(lists, zero, texts("new_style/four")),
    ...shuffledRows(lists, zero),
  ];
}

function captionRow(
  lists: TestLists,
  { zero, nearest, measure }: {
    readonly zero: Texts;
    readonly nearest: NearestNeighbour | undefined;
    readonly measure: Measure;
  },
  goal: Pick<ResultRow, "test" | "atLeast" | "stretch">,
): ResultRow {
  const { newStyle: { queries }, trained } = lists;
  const common = mostFrequent(trained.map(({ label }) => label));
  const values = (guessOf: (n: number) => string) =>
    [...zero.keys()].map((n) => measure(guessOf(n), queries[n]!.label));
  return defined<ResultRow>({
    ...goal,
    result: percent(values((n) => zero.get(n)!)),
    mostFrequent: meanPercent(values(() => common)),
    shuffled: meanPercent(shuffledValues(lists, zero, measure)),
    nearest: nearest &&
      meanPercent(values((n) => nearest.concept(queries[n]!).label)),
  });
}

/**
 * A caption without examples depends on the picture only, so the one of
 * another query's picture is known already.
 */
function shuffledValues(
  { newStyle: { queries, shuffled } }: TestLists,
  zero: Texts,
  measure: Measure,
): number[] {
  return [...zero.keys()].flatMap((n) => {
    const text = zero.get(shuffled[n]!);
    return text === undefined ? [] : [measure(text, queries[n]!.label)];
  });
}

function shuffledRows(lists: TestLists, zero: Texts): ResultRow[] {
  const values = shuffledValues(lists, zero, exactMatch);
  if (values.length === 0) return [];
  return [{
    test: "… pictures shuffled: exact label",
    result: percent(values),
    atLeast: "≤ 2",
  }];
}

function rankRows(
  { newStyle: { queries } }: TestLists,
  journal: Journal,
  nearest: NearestNeighbour | undefined,
): ResultRow[] {
  const ranked = queries.filter(({ distractors }) => distractors);
  const found = answersOf(journal, "new_style/rank", ranked.length);
  if (found.length === 0) return [];
  const isFirst = (scores: readonly number[]) => bestOf(scores) === 0 ? 1 : 0;
  const other = found.flatMap(({ answer: { shuffledScores: scores } }) =>
    scores ? [isFirst(scores)] : []
  );
  const near = found.map(({ number }) => {
    const query = ranked[number]!;
    const labels = [query.label, ...query.distractors!];
    return nearest ? isFirst(nearest.rank(query, labels)) : 0;
  });
  const choices = 1 + ranked[0]!.distractors!.length;
  return [defined<ResultRow>({
    test: `… right label first among ${choices}`,
    result: percent(found.map(({ answer }) => isFirst(answer.scores!))),
    atLeast: "75",
    stretch: "85",
    mostFrequent: 100 / choices,
    shuffled: meanPercent(other),
    nearest: nearest && meanPercent(near),
  })];
}

function fewShotRows(
  { newStyle: { queries } }: TestLists,
  zero: Texts,
  four: Texts,
): ResultRow[] {
  const both = [...four.keys()].filter((n) => zero.has(n));
  if (both.length === 0) return [];
  const hit = (texts: Texts, n: number) =>
    exactMatch(texts.get(n)!, queries[n]!.label);
  return [
    {
      test: "… 4 random shots: exact label",
      result: percent(both.map((n) => hit(four, n))),
    },
    {
      test: "… 4 random shots against 0, exact (paired)",
      result: percent(both.map((n) => hit(four, n) - hit(zero, n))),
      atLeast: "≥ −1",
      stretch: "+3",
    },
  ];
}
