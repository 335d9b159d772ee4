/**
 * A mask u32 [2, 3, 6] for attention's cases.
 *
 * @module
 */

import { indices } from "./control_rows.ts";

/** Some keys hidden, one query that sees nothing, one that sees all. */
export const ATTENTION_MASK: ReturnType<typeof indices> = indices([2, 3, 6], [
  ...[1, 0, 1, 1, 0, 0],
  ...[0, 0, 0, 0, 0, 0],
  ...[1, 1, 1, 1, 1, 1],
  ...[0, 0, 0, 0, 0, 1],
  ...[0, 1, 1, 0, 0, 1],
  ...[1, 0, 0, 0, 0, 0],
]);
