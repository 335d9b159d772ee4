/**
 * OpenFlamingo's protocol: for each number of shots and each seed, every query
 * after examples drawn by lot from the training split; 0 shots are two
 * examples without their pictures.
 *
 * @module
 */

import { RookeryError } from "../../../core/errors.ts";
import { MersenneTwister } from "../../../core/mersenne_twister.ts";
import type { Flamingo } from "../../flamingo/flamingo.ts";
import { describe } from "../caption.ts";
import { classify } from "../classify.ts";
import { shuffled } from "../demonstrations/shuffle.ts";
import type { Shot } from "../shot.ts";
import type { Dataset, DatasetRow } from "./dataset.ts";
import { spokenAnswer, spokenCaption } from "./spoken_text.ts";

/** Examples that show the form of an output at 0 shots. */
const TEXT_ONLY = 2;

/** Errors that are about a query and not about the run. */
const FAILURES: readonly string[] = ["image", "file", "numeric"];

/** A number of shots with a seed. */
export interface EvaluationCell {
  /** Examples before each query. */
  readonly shots: number;
  /** Seed of queries and examples. */
  readonly seed: number;
}

/** What a model said about a query. */
export interface EvaluatedAnswer {
  /** The row's `id`. */
  readonly id: string;
  /** Text, or the best label; left out where the query failed. */
  readonly text?: string;
  /** Score of each label. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Why there is no text. */
  readonly error?: string;
}

/** Options of {@link evaluateTask}. */
export interface EvaluateOptions {
  /** Numbers of shots. Default 0, 4, 8, 16, 32. */
  readonly shotCounts?: readonly number[];
  /** Seeds. Default 0, 1, 2. */
  readonly seeds?: readonly number[];
  /** Most queries of a cell, by lot. Default all. */
  readonly limit?: number | undefined;
  /** An answer from before, so that it is not asked for again. */
  readonly known?: (
    cell: EvaluationCell,
    id: string,
  ) => EvaluatedAnswer | undefined;
  /** Is told every new answer. */
  readonly onAnswer?: (cell: EvaluationCell, answer: EvaluatedAnswer) => void;
}

/** Answers of a cell, in the order of their queries. */
export interface EvaluatedCell extends EvaluationCell {
  /** The queries. */
  readonly queries: readonly DatasetRow[];
  /** Their answers. */
  readonly answers: readonly EvaluatedAnswer[];
}

/**
 * Runs a task; `scoreCell` gives its figures. A query whose picture cannot be
 * read has an `error`, the others go on.
 *
 * @throws {RookeryError} `usage` for more shots than there are training rows
 */
export async function evaluateTask(
  model: Flamingo,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<EvaluatedCell[]> {
  const { shotCounts = [0, 4, 8, 16, 32], seeds = [0, 1, 2] } = options;
  checkShots(dataset, Math.max(...shotCounts));
  const cells: EvaluatedCell[] = [];
  for (const shots of shotCounts) {
    for (const seed of seeds) {
      cells.push(await evaluateCell(model, dataset, { shots, seed }, options));
    }
  }
  return cells;
}

async function evaluateCell(
  model: Flamingo,
  dataset: Dataset,
  cell: EvaluationCell,
  { limit, known = () => undefined, onAnswer = () => {} }: EvaluateOptions,
): Promise<EvaluatedCell> {
  const queries = shuffled(dataset.test, new MersenneTwister(cell.seed))
    .slice(0, limit);
  const answers: EvaluatedAnswer[] = [];
  for (const [i, row] of queries.entries()) {
    let answer = known(cell, row.id);
    if (answer === undefined) {
      answer = await answerOf(model, dataset, row, { ...cell, query: i });
      onAnswer(cell, answer);
    }
    answers.push(answer);
  }
  return { ...cell, queries, answers };
}

async function answerOf(
  model: Flamingo,
  dataset: Dataset,
  { id, image, question }: DatasetRow,
  { shots: count, seed, query: place }: EvaluationCell & {
    readonly query: number;
  },
): Promise<EvaluatedAnswer> {
  const isTextOnly = count === 0;
  const random = new MersenneTwister(1 + 65_537 * seed + place);
  const shots = drawn(dataset.train, count || TEXT_ONLY, { random, id })
    .map(shotOf);
  const query = question === undefined ? { image } : { image, question };
  try {
    if (dataset.labels !== undefined) {
      const own = { shots, isTextOnly };
      const { label, scores } = await classify(
        model,
        query,
        dataset.labels,
        own,
      );
      return { id, text: label, scores };
    }
    const { text } = await describe(model, query, { shots, isTextOnly });
    const spoken = question === undefined ? spokenCaption : spokenAnswer;
    return { id, text: spoken(text) };
  } catch (error) {
    const isOwn = error instanceof RookeryError &&
      FAILURES.includes(error.code);
    if (!isOwn) throw error;
    return { id, error: error.message };
  }
}

/** Different rows by lot, none of them the query itself. */
function drawn(
  rows: readonly DatasetRow[],
  count: number,
  { random, id }: { readonly random: MersenneTwister; readonly id: string },
): DatasetRow[] {
  const places = new Set<number>();
  const most = rows.filter((row) => row.id !== id).length;
  while (places.size < Math.min(count, most)) {
    const place = random.below(rows.length);
    if (rows[place]!.id !== id) places.add(place);
  }
  return [...places].map((place) => rows[place]!);
}

function shotOf({ image, question, texts }: DatasetRow): Shot {
  const [text] = texts;
  return question === undefined
    ? { image, text: text! }
    : { image, question, answer: text! };
}

function checkShots({ name, train }: Dataset, most: number): void {
  const wanted = Math.max(most, TEXT_ONLY);
  // One more, as the query itself may be among them.
  if (train.length > wanted) return;
  throw new RookeryError(
    "usage",
    `Cannot show ${wanted} examples of ${name}: its training split has ` +
      `${train.length} rows; ask for fewer shots`,
    { expected: wanted + 1, actual: train.length },
  );
}
