/**
 * *Prompt or train?* on one's own labels: prompts with a few examples against a
 * small head on frozen features, with the same labels and the same queries.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../flamingo/flamingo.ts";
import {
  COMPARED_METHODS,
  type ComparedMethod,
  type Known,
} from "./compared_methods.ts";
import { flamingoEncoder } from "./demonstrations/picture_encoder.ts";
import { outputOf } from "./demonstrations/selection.ts";
import type { Shot } from "./shot.ts";
import { splitByClass } from "./split_by_class.ts";

/** What is compared: labelled pictures with their vectors. */
export interface CompareInput {
  /** Pictures whose texts are their labels. */
  readonly pool: readonly Shot[];
  /** Their unit vectors [d] by the model's own encoder, in their order. */
  readonly vectors: readonly Float32Array[];
}

/** How it is compared. */
export interface CompareOptions {
  /** Labels that each method gets, in turn. Default 10, 50, 100, 200. */
  readonly labelCounts?: readonly number[];
  /** Most examples of a prompt, the nearest of those labels. Default 8. */
  readonly shots?: number;
  /** Most pictures that are asked about. Default 200. */
  readonly queries?: number;
  /** Seed of the split. Default 0. */
  readonly seed?: number;
  /** Is told which method has how many answers. */
  readonly onProgress?: (progress: CompareProgress) => void;
}

/** How far a comparison is. */
export interface CompareProgress {
  /** The method. */
  readonly method: ComparedMethod;
  /** Labels that it has. */
  readonly labels: number;
  /** Its answers so far. */
  readonly done: number;
  /** How many there will be. */
  readonly queries: number;
}

/** A method with a number of labels. */
export interface ComparedRow {
  /** The method. */
  readonly method: ComparedMethod;
  /** Labels that it had. */
  readonly labels: number;
  /** Its answers, in the order of the queries. */
  readonly predictions: readonly string[];
  /** 1 where an answer is right, else 0. */
  readonly right: readonly number[];
  /** Seconds to get ready with these labels, their pictures encoded already. */
  readonly prepareSeconds: number;
  /** Seconds a query, its picture's encoding included. */
  readonly querySeconds: number;
  /** Tokens of a query's prompt, on average; 0 where there is no prompt. */
  readonly queryTokens: number;
}

/** A comparison. */
export interface MethodComparison {
  /** Classes. */
  readonly classes: readonly string[];
  /** Pictures asked about, as places in the pool. */
  readonly queries: readonly number[];
  /** Their labels. */
  readonly truth: readonly string[];
  /** Pictures to learn from, as places in the pool; more begin with fewer. */
  readonly training: readonly number[];
  /** Seconds to encode a picture, once for all methods. */
  readonly encodeSeconds: number;
  /** Results: by number of labels, then method. */
  readonly rows: readonly ComparedRow[];
}

/**
 * Compares on one split: of every class at most half is asked about, the rest
 * is learnt from, class by class in turn. Numbers of labels beyond what there
 * is become one row with all.
 *
 * @throws {RookeryError} `prompt` for fewer than two classes, or a class with
 * a single picture; `usage` for numbers below 2
 */
export async function compareMethods(
  model: Flamingo,
  { pool, vectors }: CompareInput,
  options: CompareOptions = {},
): Promise<MethodComparison> {
  const { labelCounts = [10, 50, 100, 200], shots = 8, seed = 0 } = options;
  const { queries: most = 200, onProgress = () => {} } = options;
  checkCounts(labelCounts);
  const labels = pool.map(outputOf);
  const { classes, queries, training } = splitByClass(labels, {
    queries: most,
    seed,
  });
  const encodeSeconds = await timeEncoder(model, pool);
  const context = { model, pool, vectors, classes, shots, seed };
  const counts = labelCounts.map((count) => Math.min(count, training.length));
  const rows: ComparedRow[] = [];
  for (const count of [...new Set(counts)].sort((a, b) => a - b)) {
    const places = training.slice(0, count);
    const known: Known = {
      shots: places.map((place) => pool[place]!),
      vectors: places.map((place) => vectors[place]!),
      labels: places.map((place) => labels[place]!),
    };
    for (const method of Object.keys(COMPARED_METHODS) as ComparedMethod[]) {
      const begin = performance.now();
      using learnt = await COMPARED_METHODS[method](known, context);
      const prepared = performance.now();
      const predictions: string[] = [];
      for (const place of queries) {
        predictions.push(await learnt.answer(place));
        onProgress({
          method,
          labels: count,
          done: predictions.length,
          queries: queries.length,
        });
      }
      const seconds = (performance.now() - prepared) / 1000;
      const isOfVectors = method === "prototypes" || method === "head";
      rows.push({
        method,
        labels: count,
        predictions,
        right: queries.map((place, i) =>
          predictions[i] === labels[place] ? 1 : 0
        ),
        prepareSeconds: (prepared - begin) / 1000,
        querySeconds: seconds / queries.length +
          (isOfVectors ? encodeSeconds : 0),
        queryTokens: learnt.tokens / queries.length,
      });
    }
  }
  const truth = queries.map((place) => labels[place]!);
  return { classes, queries, truth, training, encodeSeconds, rows };
}

function checkCounts(counts: readonly number[]): void {
  const strange = counts.find((count) => !Number.isInteger(count) || count < 2);
  if (strange === undefined && counts.length > 0) return;
  throw new RookeryError(
    "usage",
    `Cannot learn from ${strange ?? "no numbers of"} labels: give whole ` +
      "numbers from 2",
    { actual: counts },
  );
}

/** Seconds a picture, on the second of two rounds: the first makes programs. */
async function timeEncoder(
  model: Flamingo,
  pool: readonly Shot[],
): Promise<number> {
  const encoder = flamingoEncoder(model);
  const pictures = pool.slice(0, 4).map(({ image }) => image);
  await encoder.embed(pictures);
  const begin = performance.now();
  await encoder.embed(pictures);
  return (performance.now() - begin) / 1000 / pictures.length;
}
