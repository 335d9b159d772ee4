/**
 * What a text of the packed matrix product is made for, see `gemm.ts`.
 *
 * @module
 */

import type { PackedLayout } from "../../core/layouts/layout.ts";

/** Choices that make one text. */
export interface GemmOptions {
  /** How the weights lie. */
  readonly layout: PackedLayout;
  /** Rows of x in a lane's registers; 1 is the matrix-vector product. */
  readonly tokens: number;
  /** Tiles of 8 weight rows in a lane's registers. */
  readonly rowTiles: number;
  /** Lanes of a workgroup, along the weight rows: a multiple of 8. Default 8. */
  readonly lanes?: number;
  /**
   * Whether x is seen in fours: needs k divisible by 4, and a layout with
   * blocks of 32 where `hasSubgroups`. `load_X(i)` then gives `vec4<f32>`,
   * otherwise `f32`.
   */
  readonly isVec4: boolean;
  /** Whether lanes may exchange values (subgroups of at least 8 lanes). */
  readonly hasSubgroups: boolean;
  /** Workgroups along x walk the weight rows or the tokens. Default `rows`. */
  readonly walk?: "rows" | "tokens";
  /** Names of the bindings. Default `x`, `w`, `y`. */
  readonly names?: {
    readonly x: string;
    readonly w: string;
    readonly y: string;
  };
  /** WGSL u32 expression: index in the subgroup. Default `lid.x`. */
  readonly subgroupLane?: string;
  /**
   * Further weights of as many rows and columns, in layouts of the same block:
   * a lane owns the same rows of each, see `finish`. Default none.
   */
  readonly beside?: readonly GemmWeight[];
  /** Ends the names of the uniforms of {@link GemmParams}, but for m and k. */
  readonly suffix?: string;
  /** WGSL u32 expression: which workgroup of these rows. Default `wid.x`. */
  readonly rowGroup?: string;
  /**
   * WGSL f32 expression of what is stored for weight row `row` and row `token`
   * of x, from the sums of each weight. Default the first sum.
   */
  readonly finish?: (sums: readonly string[], at: GemmPlace) => string;
  /**
   * RMS norm of the rows of x on the way, needs `isVec4` and `hasSubgroups`:
   * the sums are of `x · scale`, and `finish` multiplies them by the uniform
   * `factor_T` of row T of the lane. Reads `p.eps`. Default none.
   */
  readonly rms?: {
    /** Binding of the scale, seen in fours; none multiplies by 1. */
    readonly scale: string | undefined;
  };
  /** WGSL u32 expression: where the result goes. Default `token * n + row`. */
  readonly place?: (at: GemmPlace) => string;
}

/** A weight that is multiplied along with the first. */
export interface GemmWeight {
  /** Name of its binding. */
  readonly name: string;
  /** How it lies. */
  readonly layout: PackedLayout;
}

/** WGSL u32 expressions of a result's place. */
export interface GemmPlace {
  /** Weight row. */
  readonly row: string;
  /** Row of x. */
  readonly token: string;
  /** Which of the lane's rows of x, from 0. */
  readonly index: number;
}

/** Sizes of one use; uniforms of the text. */
export interface GemmSize {
  /** Rows of x and y. */
  readonly m: number;
  /** Columns of y: all rows of the weight, without padding. */
  readonly n: number;
  /** Columns of x, without padding. */
  readonly k: number;
  /** First weight row of this binding; a multiple of 16. Default 0. */
  readonly rowStart?: number;
  /** Weight rows of this binding, without padding. Default `n - rowStart`. */
  readonly rows?: number;
}

/** Fields of the uniform block `p` that the text reads; all u32. */
export interface GemmParams extends Readonly<Record<string, number>> {
  /** Rows of x and y. */
  readonly m: number;
  /** Columns of y. */
  readonly n: number;
  /** Columns of x. */
  readonly k: number;
  /** Blocks of a weight row. */
  readonly blocks: number;
  /** First weight row of this binding. */
  readonly row_start: number;
  /** Weight row after the last one of this binding. */
  readonly row_end: number;
}
