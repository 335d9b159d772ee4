/**
 * Results on made-up words for concepts that were held out.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import { madeUpName } from "./made_up_tasks.ts";
import type { NearestNeighbour } from "./nearest_neighbour.ts";
import {
  answersOf,
  defined,
  meanPercent,
  percent,
  type ResultRow,
} from "./result_row.ts";
import type { EpisodeSet, TestLists } from "./test_lists.ts";
import { bestOf } from "./text_metrics.ts";

/** Goals by name of the set: at least, stretch. */
const GOALS: Readonly<Record<string, readonly [string, string]>> = {
  "4-way google -> twitter": ["93", "96.5"],
  "4-way google -> fluent": ["91", "96.5"],
  "8-way google -> twitter": ["91", "95"],
  "8-way google -> fluent": ["85", "90"],
};

/** A row for each set that was answered. */
export function madeUpRows(
  { madeUp }: TestLists,
  journal: Journal,
  nearest?: NearestNeighbour,
): ResultRow[] {
  return madeUp.sets.flatMap((set) => setRows(set, journal, nearest));
}

function setRows(
  set: EpisodeSet,
  journal: Journal,
  nearest: NearestNeighbour | undefined,
): ResultRow[] {
  const { name, episodes } = set;
  const found = answersOf(journal, madeUpName(set), episodes.length);
  if (found.length === 0) return [];
  const hits = (placeOf: (i: number) => number) =>
    found.map(({ number }, i) =>
      placeOf(i) === episodes[number]!.answer ? 1 : 0
    );
  const [atLeast, stretch] = GOALS[name] ?? [];
  return [defined<ResultRow>({
    test: `Made-up words, ${name.replace("->", "→")}`,
    result: percent(hits((i) => bestOf(found[i]!.answer.scores!))),
    atLeast,
    stretch,
    // No word comes twice, so always naming one is chance.
    mostFrequent: 100 / episodes[0]!.words.length,
    shuffled: meanPercent(
      hits((i) => bestOf(found[i]!.answer.shuffledScores!)),
    ),
    nearest: nearest &&
      meanPercent(hits((i) => nearest.support(episodes[found[i]!.number]!))),
  })];
}
