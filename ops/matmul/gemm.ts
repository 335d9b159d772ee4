/**
 * Text of the packed matrix product y[m, n] = Σ_k x[m, k] · w[n, k]: one lane
 * owns `rowTiles` weight rows and `tokens` rows of x, in registers. No
 * barriers, no workgroup memory. Each sum runs over k in ascending order
 * whatever the tile, so every choice here gives the same bits.
 *
 * A processor that plays GPU pays for loads, not for arithmetic. So a block of
 * weights is decoded once for all tokens, and, where subgroups exist, 8 lanes
 * load 8 (or 32) neighbours of x once and hand them round.
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

/** Uniforms of one use. */
export function gemmParams(layout: PackedLayout, size: GemmSize): GemmParams {
  const { m, n, k, rowStart = 0 } = size;
  const rowEnd = rowStart + (size.rows ?? n - rowStart);
  const blocks = Math.ceil(k / layout.block);
  return { m, n, k, blocks, row_start: rowStart, row_end: rowEnd };
}

/** Workgroups of one use. */
export function gemmWorkgroups(
  options: GemmOptions,
  size: GemmSize,
): readonly [x: number, y: number, z: number] {
  const rows = size.rows ?? size.n - (size.rowStart ?? 0);
  const perGroup = options.rowTiles * (options.lanes ?? 8);
  const across = Math.ceil(rows / perGroup);
  const down = Math.ceil(size.m / options.tokens);
  return options.walk === "tokens" ? [down, across, 1] : [across, down, 1];
}

/**
 * Statements of the entry point. They see `wid`, `lid`, the uniforms of
 * {@link gemmParams}, `load_X(i)`, the raw weights `W[i]` and
 * `store_Y(i, v)`.
 */
export function gemmBody(options: GemmOptions): string {
  const text = new GemmText(options);
  return [
    text.start(),
    `  for (var k0 = 0u; k0 < p.k; k0 += ${options.layout.block}u) {`,
    text.decodeBlocks(),
    ...count(options.tokens).map((t) => text.addToken(t)),
    text.advance(),
    "  }",
    ...count(options.tokens).map((t) => text.storeToken(t)),
  ].join("\n");
}

/** 0, 1, … n - 1. */
function count(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** Writes the parts of one text. */
class GemmText {
  readonly #options: GemmOptions;
  readonly #names: { x: string; w: string; y: string };
  /** Values of x in one load: 4 or 1. */
  readonly #width: number;

  constructor(options: GemmOptions) {
    this.#options = options;
    this.#names = options.names ?? { x: "x", w: "w", y: "y" };
    this.#width = options.isVec4 ? 4 : 1;
  }

  /** Indices of this lane and its sums. */
  start(): string {
    const { tokens, rowTiles, lanes = 8, walk, layout } = this.#options;
    const [across, down] = walk === "tokens" ? ["y", "x"] : ["x", "y"];
    const group = `wid.${across} * ${lanes / 8}u + (lid.x >> 3u)`;
    const shared = this.#options.hasSubgroups
      ? `  let share = (${this.#options.subgroupLane ?? "lid.x"}) & 7u;`
      : "";
    const stride = this.#width === 4 ? "(p.k >> 2u)" : "p.k";
    const row = (t: number): string => `min(token + ${t}u, p.m - 1u)`;
    const step = `p.blocks * ${layout.blockElements}u`;
    return [
      "  let lane = lid.x & 7u;",
      `  let tile = (${group}) * ${rowTiles}u;`,
      `  let token = wid.${down} * ${tokens}u;`,
      "  let last_tile = (p.row_end - p.row_start - 1u) >> 3u;",
      shared,
      ...count(tokens).map((t) => `  var x${t} = ${row(t)} * ${stride};`),
      ...count(rowTiles).map((r) =>
        `  var w${r} = min(tile + ${r}u, last_tile) * ${step};`
      ),
      ...count(tokens).flatMap((t) =>
        count(rowTiles).map((r) => `  var sum${t}_${r} = 0.0;`)
      ),
    ].filter((line) => line !== "").join("\n");
  }

  /** One block of each weight row, for all tokens. */
  decodeBlocks(): string {
    const { layout, rowTiles } = this.#options;
    return count(rowTiles).map((r) =>
      layout.decode({
        weights: this.#names.w,
        at: `w${r}`,
        lane: "lane",
        prefix: `w${r}_`,
      })
    ).join("\n");
  }

  /** Adds a block's products to the sums of one token. */
  addToken(t: number): string {
    const { layout, rowTiles } = this.#options;
    const lines = this.#loads(t);
    for (let k = 0; k < layout.block; k++) {
      lines.push(`  let x${t}_${k} = ${this.#value(t, k)};`);
      for (let r = 0; r < rowTiles; r++) {
        const weight = `w${r}_${k >> 2}.${"xyzw"[k % 4]}`;
        lines.push(`  sum${t}_${r} += x${t}_${k} * ${weight};`);
      }
    }
    return lines.join("\n");
  }

  /** Moves on by one block. */
  advance(): string {
    const { layout, tokens, rowTiles } = this.#options;
    const step = layout.block / this.#width;
    return [
      ...count(tokens).map((t) => `  x${t} += ${step}u;`),
      ...count(rowTiles).map((r) => `  w${r} += ${layout.blockElements}u;`),
    ].join("\n");
  }

  /** Writes the sums of one token, if it and the row exist. */
  storeToken(t: number): string {
    const { rowTiles } = this.#options;
    const lines = count(rowTiles).map((r) =>
      `    if (row${t} + ${8 * r}u < p.row_end) { store_${this.#names.y}` +
      `((token + ${t}u) * p.n + row${t} + ${8 * r}u, sum${t}_${r}); }`
    );
    return [
      `  if (token + ${t}u < p.m) {`,
      `    let row${t} = p.row_start + tile * 8u + lane;`,
      ...lines,
      "  }",
    ].join("\n");
  }

  /**
   * Loads of a token's block. Past the end of x the value is zero: the next
   * row may hold anything, and weights of the padding need not be zero.
   */
  #loads(t: number): string[] {
    const { layout, hasSubgroups } = this.#options;
    const width = this.#width, zero = width === 4 ? "vec4<f32>()" : "0.0";
    const loads = layout.block / width / (hasSubgroups ? 8 : 1);
    return count(loads).map((i) => {
      const at = hasSubgroups ? `${8 * i}u + share` : `${i}u`;
      const column = width === 4 ? `k0 + 4u * (${at})` : `k0 + ${at}`;
      const value = `load_${this.#names.x}(x${t} + ${at})`;
      return `  let v${t}_${i} = select(${zero}, ${value}, ${column} < p.k);`;
    });
  }

  /** Value of column k of the block, the same in all lanes. */
  #value(t: number, k: number): string {
    const index = Math.floor(k / this.#width);
    const part = this.#width === 4 ? `.${"xyzw"[k % 4]}` : "";
    if (!this.#options.hasSubgroups) return `v${t}_${index}${part}`;
    return `subgroupBroadcast(v${t}_${index >> 3}${part}, ${index & 7}u)`;
  }
}
