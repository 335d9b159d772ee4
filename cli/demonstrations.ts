/**
 * Demonstrations of a pool for the prompts of a command.
 *
 * @module
 */

import { join, resolve } from "node:path";
import {
  FeatureSearch,
  type Flamingo,
  flamingoEncoder,
  indexPictures,
  measurePromptRates,
  orderShots,
  outputOf,
  PICTURE_INDEX_NAME,
  type PictureEncoder,
  promptCost,
  type Query,
  readClassFolder,
  ricesSelection,
  RookeryError,
  type Selection,
  type Shot,
} from "../mod.ts";
import type { Output } from "./command.ts";
import type { DemonstrationPlan } from "./demonstration_options.ts";
import { readShots } from "./shots_file.ts";

/** From so many examples on, their cost is told before they are read. */
const TOLD_SHOTS = 16;

/** A pool and its strategy. */
export interface Demonstrations extends Disposable {
  /** Where the pool came from. */
  readonly path: string;
  /** The pool. */
  readonly pool: readonly Shot[];
  /** Texts of the pool, each once. */
  readonly classes: readonly string[];
  /** Shots that all queries share; undefined where each has its own. */
  readonly fixed: readonly Shot[] | undefined;
  /** Shots for a query, in order; `among` places of the pool. */
  shotsFor(query: Query, among?: readonly number[]): Promise<readonly Shot[]>;
}

/** What a pool is opened with. */
export interface PoolContext {
  /** Where notes go. */
  readonly output: Output;
  /** A question that a folder's classes are answers to. */
  readonly question?: string | undefined;
}

/** A pool with vectors of its pictures, where there are any. */
export interface PictureFolder {
  /** Pool of pictures that could be read, where vectors were wanted. */
  readonly pool: readonly Shot[];
  /** Vectors in its order. */
  readonly vectors: readonly Float32Array[];
}

/** Opens a pool of examples for a model. */
export async function openDemonstrations(
  model: Flamingo,
  plan: DemonstrationPlan,
  { output, question }: PoolContext,
): Promise<Demonstrations> {
  using held = new DisposableStack();
  let pool = await readPool(plan.path, question);
  let nearest: Selection | undefined;
  if (plan.isNearest) {
    const encoder = flamingoEncoder(model);
    const indexed = await indexPool(encoder, plan.path, { pool, output });
    pool = indexed.pool;
    const { vectors } = indexed;
    const search = held.use(await FeatureSearch.open(model.device, vectors));
    nearest = ricesSelection({ encoder, search });
  }
  const selection = plan.selectionOf(() => nearest!);
  const classes = [...new Set(pool.map(outputOf))];
  const count = plan.countOf(classes.length);
  const { seed, ordering, path } = plan;
  const choose = async (query?: Query, among?: readonly number[]) => {
    const request = {
      count,
      seed,
      ...among && { among },
      ...query && { query },
    };
    const chosen = await selection.choose(pool, request);
    return orderShots(chosen, ordering, seed).map(({ shot }) => shot);
  };
  let fixed: Shot[] | undefined;
  if (!selection.readsQuery) {
    // What is left of the pool is chosen from until all can be read.
    let bad: readonly Shot[];
    do {
      fixed = await choose();
      bad = await unreadable(model, fixed, output);
      const isBad = new Set(bad);
      pool = pool.filter((shot) => !isBad.has(shot));
    } while (bad.length > 0);
  }
  if (count >= TOLD_SHOTS) {
    await tellCost(model, fixed ?? pool.slice(0, count), output);
  }
  const kept = held.move();
  return {
    path,
    pool,
    classes,
    fixed,
    shotsFor: async (query, among) => {
      if (among === undefined && fixed) return fixed;
      return await choose(query, among ?? othersThan(query, pool));
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Shots whose pictures cannot be read; each is noted. */
async function unreadable(
  { image }: Flamingo,
  shots: readonly Shot[],
  output: Output,
): Promise<Shot[]> {
  const bad: Shot[] = [];
  for (const shot of shots) {
    try {
      await image!.read(shot.image as string);
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      output.note(`${error.message}\n`);
      bad.push(shot);
    }
  }
  return bad;
}

/** Places of a pool but that of the query's own file: it knows the answer. */
function othersThan({ image }: Query, pool: readonly Shot[]): number[] {
  const own = resolve(image as string);
  return [...pool.keys()].filter((place) =>
    resolve(pool[place]!.image as string) !== own
  );
}

/** Vectors of a pool; pictures that cannot be read are noted and left out. */
export async function indexPool(
  encoder: PictureEncoder,
  path: string,
  { pool, output }: {
    readonly pool: readonly Shot[];
    readonly output: Output;
  },
): Promise<PictureFolder> {
  const info = await Deno.stat(path);
  const file = info.isDirectory
    ? join(path, PICTURE_INDEX_NAME)
    : `${path}.features.safetensors`;
  const paths = pool.map(({ image }) => image as string);
  const index = await indexPictures(encoder, paths, {
    file,
    onProgress(done, all) {
      if (done === all) output.note(`Encoded ${all} pictures of ${path}\n`);
    },
  });
  for (const { error } of index.failures) output.note(`${error.message}\n`);
  if (index.unsaved !== undefined) {
    output.note(`The index is not kept: ${index.unsaved}\n`);
  }
  const known = pool.filter(({ image }) => index.vectors.has(image as string));
  const vectors = known.map(({ image }) => index.vectors.get(image as string)!);
  return { pool: known, vectors };
}

/** Examples of a folder of classes or a shots file. */
export async function readPool(
  path: string,
  question?: string,
): Promise<readonly Shot[]> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isDirectory) return await readShots(path);
  const files = await readClassFolder(path);
  if (question === undefined) return files;
  return files.map(({ image, text }) => ({ image, question, answer: text }));
}

async function tellCost(
  model: Flamingo,
  shots: readonly Shot[],
  output: Output,
): Promise<void> {
  const rates = await measurePromptRates(model);
  const { pictures, tokens, pages, bytes, ms } = promptCost(
    model,
    shots,
    rates,
  );
  const size = (bytes / 2 ** 20).toFixed(1);
  output.note(
    `${shots.length} examples: ${pictures} pictures, ${tokens} tokens, ` +
      `${pages} pages, ${size} MiB, about ${
        (ms! / 1000).toFixed(1)
      } s to read\n`,
  );
}
