/**
 * Which tile the packed matrix product takes. A matrix-vector product is the
 * same text with few tokens, so prompt and single steps give the same bits.
 * The choice is a rule of thumb from measurements on a software device; see
 * docs/decisions/002_packed_weights.md.
 *
 * @module
 */

import type { PackedLayout } from "../../core/layouts/layout.ts";
import type { GemmOptions } from "./gemm_options.ts";

/** What the choice of a tile depends on. */
export interface TileNeed {
  /** How the weights lie. */
  readonly layout: PackedLayout;
  /** Rows of x. */
  readonly m: number;
  /** Weight rows of the binding. */
  readonly rows: number;
  /** Columns of x. */
  readonly k: number;
  /** Whether lanes may exchange values (subgroups of at least 8 lanes). */
  readonly hasSubgroups: boolean;
  /** A processor that plays GPU: 8 lanes, many values kept per lane. */
  readonly isSoftware: boolean;
}

/** Options of the text for one use; names and the like are the caller's. */
export function chooseTile(need: TileNeed): GemmOptions {
  const { layout, m, rows, k, hasSubgroups, isSoftware } = need;
  // Real GPUs have few registers a lane and many lanes, processors the reverse.
  const mostTokens = isSoftware && hasSubgroups ? 16 : 8;
  const rowTiles = isSoftware ? (rows > 64 ? 8 : rows > 16 ? 4 : 2) : 1;
  const tokens = Math.min(mostTokens, 2 ** Math.ceil(Math.log2(m)));
  // 8 lanes share a block of x: fours fit only where a block has 32 columns.
  const isVec4 = k % 4 === 0 && (!hasSubgroups || layout.block === 32);
  return {
    layout,
    tokens,
    rowTiles,
    lanes: isSoftware ? 8 : 64,
    isVec4,
    hasSubgroups,
  };
}
