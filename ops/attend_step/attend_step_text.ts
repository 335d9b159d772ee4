/**
 * Functions that the kernels of `attendStep` share, as text. Not an op.
 *
 * @module
 */

import type { DType } from "../../core/dtype.ts";
import { PAGE_SLOTS } from "../cache_type.ts";
import { CONTROL } from "../control_row.ts";

/** What the text is unrolled by. */
export interface TurnText {
  /** Query heads, h. */
  readonly heads: number;
  /** Heads of keys and values, g. */
  readonly groups: number;
  /** Head dimension, k. */
  readonly headDim: number;
  /** Number type of the cache. */
  readonly dtype: DType;
  /** Rotary positions: rows of the table, its pairs; left out for none. */
  readonly turn?: {
    readonly length: number;
    readonly half: number;
    readonly isInterleaved: boolean;
  };
}

/**
 * `turned(token, head, d)`: element d of a head of `q`, which holds queries,
 * keys and values, after its rotation.
 */
export function turnText({ heads, groups, headDim, turn }: TurnText): string {
  const width = (heads + 2 * groups) * headDim;
  const start = `  let at = token * ${width}u + head * ${headDim}u;`;
  if (turn === undefined) {
    return `fn turned(token: u32, head: u32, d: u32) -> f32 {
${start}
  return load_q(at + d);
}`;
  }
  const { half, length, isInterleaved } = turn;
  const pair = isInterleaved ? "(d >> 1u)" : `d % ${half}u`;
  const isLeft = isInterleaved ? "(d & 1u) == 0u" : `d < ${half}u`;
  const gap = isInterleaved ? 1 : half;
  return `fn turned(token: u32, head: u32, d: u32) -> f32 {
${start}
  let own = load_q(at + d);
  if (d >= ${2 * half}u) { return own; }
  let position = min(load_positions(token), ${length - 1}u);
  let angle = angles[position * ${half}u + ${pair}];
  if (${isLeft}) { return own * angle.x - load_q(at + d + ${gap}u) * angle.y; }
  return own * angle.x + load_q(at + d - ${gap}u) * angle.y;
}`;
}

/**
 * `write_token(b, j, head, d)`: element d of the key and the value of token j
 * of row b into the cache, where there is a page for it.
 */
export function writeText({ heads, groups, headDim, dtype }: TurnText): string {
  const width = (heads + 2 * groups) * headDim;
  const half = groups * headDim * PAGE_SLOTS;
  return `fn write_token(b: u32, j: u32, head: u32, d: u32) {
  if (j >= load_control(b * p.words + ${CONTROL.count}u)) { return; }
  let slot = load_control(b * p.words + ${CONTROL.position}u) + j;
  let index = slot / ${PAGE_SLOTS}u;
  if (index >= p.table_width) { return; }
  let page = load_table(b * p.table_width + index);
  if (page >= p.pages) { return; }
  let token = b * p.l + j;
  let to = (page * ${2 * groups * headDim}u + head * ${headDim}u + d) *
    ${PAGE_SLOTS}u + slot % ${PAGE_SLOTS}u;
  let key = turned(token, ${heads}u + head, d);
  let value = load_q(token * ${width}u + (${
    heads + groups
  }u + head) * ${headDim}u + d);
  cache[to >> 2u][to & 3u] = ${dtype}(key);
  cache[(to + ${half}u) >> 2u][to & 3u] = ${dtype}(value);
}`;
}
