/**
 * Shape rules and addresses of paged caches: a page holds keys (half 0) and
 * values (half 1) of some slots, as [2, g, k, slots], so that neighbouring
 * slots are neighbours in memory. Not an op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { RookeryError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { checkFloat } from "./elementwise.ts";

/** Tokens of a page of a KV cache. */
export const PAGE_SLOTS = 16;

/** Slots of a page that holds `count` keys: the next multiple of 4. */
export function pageSlots(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** Sizes of a paged cache. */
export interface CacheSizes {
  /** Pages. */
  readonly pages: number;
  /** Heads. */
  readonly g: number;
  /** Head dimension. */
  readonly k: number;
  /** Keys of a page; a multiple of 4. */
  readonly slots: number;
}

/** Refuses what is no cache [pages, 2, g, k, slots] in f32 or f16. */
export function checkCache(op: string, cache: TensorType): CacheSizes {
  checkFloat(op, cache);
  const [pages, halves, g, k, slots] = cache.shape;
  if (cache.shape.length === 5 && halves === 2 && slots! % 4 === 0) {
    return { pages: pages!, g: g!, k: k!, slots: slots! };
  }
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} as a cache must have the axes [pages, 2, heads, head ` +
      `dimension, slots] with slots a multiple of 4: its shape is ` +
      `${showShape(cache.shape)}`,
    { op, expected: "[pages, 2, g, k, slots]", actual: cache.shape },
  );
}

/** Where element `d` of a slot's key (`half` 0) or value (1) lies. */
export function cacheIndex(
  { g, k, slots }: CacheSizes,
  page: number,
  half: 0 | 1,
  head: number,
  d: number,
  slot: number,
): number {
  return (((page * 2 + half) * g + head) * k + d) * slots + slot;
}

/** A row's pages in order, seen as one run of keys by one head. */
export interface PagedRow {
  /** The cache. */
  readonly cache: HostArray;
  /** Its sizes. */
  readonly sizes: CacheSizes;
  /** Pages of the row, in order. */
  readonly pages: HostArray;
  /** Head. */
  readonly head: number;
}

/** Reads element `d` of the row's key (`half` 0) or value (1) number `s`. */
export function readPaged(
  { cache, sizes, pages, head }: PagedRow,
  half: 0 | 1,
): (s: number, d: number) => number {
  const { slots } = sizes;
  return (s, d) => {
    const page = pages[Math.floor(s / slots)]!;
    return cache[cacheIndex(sizes, page, half, head, d, s % slots)]!;
  };
}
