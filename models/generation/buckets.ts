/**
 * The sizes that programs are captured for. Everything else is padded to the
 * next of them, so that nothing is compiled per prompt.
 *
 * @module
 */

import type { Chunk } from "./sequence.ts";

/** Row counts of programs. */
export const ROW_COUNTS: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/** Most rows of a program. */
export const MOST_ROWS = 64;

/** Rows of the program that takes so many. */
export function rowBucket(rows: number): number {
  return bucketOf(ROW_COUNTS, rows, MOST_ROWS);
}

/** Chunk lengths of text programs. */
export const CHUNK_LENGTHS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** Most tokens, over all rows, of one text program. */
export const MOST_CHUNK_TOKENS = 128;

/** Length of the text program for some rows, and the most rows it takes. */
export function textBucket(
  rows: readonly { readonly chunk: Chunk }[],
): { readonly length: number; readonly most: number } {
  const longest = Math.max(...rows.map(({ chunk }) => chunk.tokens.length));
  const length = bucketOf(CHUNK_LENGTHS, longest, MOST_CHUNK_TOKENS);
  return { length, most: Math.min(MOST_ROWS, MOST_CHUNK_TOKENS / length) };
}

/** Smallest bucket that holds `size`; the largest up to `most` if none does. */
export function bucketOf(
  buckets: readonly number[],
  size: number,
  most: number,
): number {
  const allowed = buckets.filter((bucket) => bucket <= most);
  return allowed.find((bucket) => bucket >= size) ?? allowed.at(-1)!;
}

/** Consecutive groups of at most `size` items. */
export function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  const groups: Item[][] = [];
  for (let i = 0; i < items.length; i += size) {
    groups.push(items.slice(i, i + size));
  }
  return groups;
}

/** Consecutive parts of a chunk with at most `length` tokens each. */
export function chunksOf({ tokens, media }: Chunk, length: number): Chunk[] {
  const parts = groupsOf(tokens, length);
  return parts.map((part, i) => ({
    tokens: part,
    media: media.slice(i * length, i * length + part.length),
  }));
}
