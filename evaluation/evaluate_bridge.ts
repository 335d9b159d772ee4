/**
 * The whole evaluation of a bridge: answers that are missing are asked for,
 * baselines computed, and all of it made into rows.
 *
 * @module
 */

import { join } from "node:path";
import type { Flamingo } from "../mod.ts";
import { FeatureStore, fillFeatures } from "./feature_store.ts";
import { flamingoSubject } from "./flamingo_subject.ts";
import { Journal } from "./journal.ts";
import { madeUpRows } from "./made_up_rows.ts";
import { madeUpTasks } from "./made_up_tasks.ts";
import {
  listGallery,
  listTestPictures,
  NearestNeighbour,
} from "./nearest_neighbour.ts";
import { newStyleRows } from "./new_style_rows.ts";
import { newStyleTasks } from "./new_style_tasks.ts";
import type { PictureStore } from "./picture_store.ts";
import { questionRows } from "./question_rows.ts";
import { questionTasks } from "./question_tasks.ts";
import type { ResultRow } from "./result_row.ts";
import { runTasks } from "./run_tasks.ts";
import type { Subject } from "./subject.ts";
import { answerKey, type Task } from "./task.ts";
import type { TestLists } from "./test_lists.ts";

/** Parts of the evaluation, in the order they run in. */
export const SECTIONS = ["new_style", "made_up", "questions"] as const;

/** A part of the evaluation. */
export type SectionName = typeof SECTIONS[number];

/** How a bridge is evaluated. */
export interface EvaluateBridgeOptions {
  /** The test lists. */
  readonly lists: TestLists;
  /** Their pictures. */
  readonly pictures: PictureStore;
  /** Folder of the answers; those that lie there are used. */
  readonly folder: string;
  /** Only this part; all if left out. */
  readonly only?: SectionName;
  /** Only the first queries of every list, without nearest neighbours. */
  readonly limit?: number;
  /** Receives lines about progress. */
  readonly onProgress?: (line: string) => void;
}

/** What an evaluation found. */
export interface BridgeResults {
  /** The table's rows. */
  readonly rows: readonly ResultRow[];
  /** Whether every query of every list is answered. */
  readonly isComplete: boolean;
}

/** Evaluates a model; what was answered before is not asked again. */
export async function evaluateBridge(
  model: Flamingo,
  options: EvaluateBridgeOptions,
): Promise<BridgeResults> {
  const { lists, pictures, folder, only, limit, onProgress } = options;
  const subject = flamingoSubject(model);
  using journal = await Journal.open(join(folder, "answers.jsonl"));
  const tasks = {
    new_style: newStyleTasks(lists.newStyle, pictures),
    made_up: madeUpTasks(lists.madeUp, pictures),
    questions: questionTasks(lists.questions, pictures),
  };
  const chosen = SECTIONS.filter((name) => (only ?? name) === name);
  await runTasks(subject, chosen.map((name) => tasks[name]), journal, {
    ...(limit === undefined ? {} : { limit }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const nearest = limit === undefined
    ? await nearestNeighbour(model, subject, options)
    : undefined;
  const rows = [
    ...newStyleRows(lists, journal, nearest),
    ...madeUpRows(lists, journal, nearest),
    ...questionRows(lists, journal, nearest),
  ];
  const isComplete = limit === undefined &&
    isAnswered(SECTIONS.flatMap((name) => tasks[name]), journal);
  return { rows, isComplete };
}

async function nearestNeighbour(
  model: Flamingo,
  subject: Subject,
  { lists, pictures, folder, onProgress }: EvaluateBridgeOptions,
): Promise<NearestNeighbour> {
  const { width } = model.engine.stack.eyes!.vision;
  const store = await FeatureStore.open(folder, width);
  const gallery = await listGallery(lists.trained, pictures);
  const tests = listTestPictures(lists);
  const episodes = lists.madeUp.sets.flatMap((set) => set.episodes);
  const others = episodes.flatMap((
    { supports, query },
  ) => [...supports, query]);
  await fillFeatures(store, [...gallery, ...tests, ...others], {
    subject,
    pictures,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return new NearestNeighbour(store, gallery, tests);
}

function isAnswered(tasks: readonly Task[], journal: Journal): boolean {
  return tasks.every(({ name, count }) =>
    Array.from({ length: count }, (_, n) => n)
      .every((n) => journal.has(answerKey(name, n)))
  );
}
