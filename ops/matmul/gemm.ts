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
import type {
  GemmOptions,
  GemmParams,
  GemmSize,
  GemmWeight,
} from "./gemm_options.ts";

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
    ...text.finishNorms(),
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
  /** All weights, the first one first. */
  readonly #weights: readonly GemmWeight[];
  /** Values of x in one load: 4 or 1. */
  readonly #width: number;

  constructor(options: GemmOptions) {
    this.#options = options;
    this.#names = options.names ?? { x: "x", w: "w", y: "y" };
    const first = { name: this.#names.w, layout: options.layout };
    this.#weights = [first, ...options.beside ?? []];
    this.#width = options.isVec4 ? 4 : 1;
  }

  /** Indices of this lane and its sums. */
  start(): string {
    const { tokens, rowTiles, lanes = 8, walk } = this.#options;
    const [across, down] = walk === "tokens" ? ["y", "x"] : ["x", "y"];
    const { rowGroup = `wid.${across}` } = this.#options;
    const group = `(${rowGroup}) * ${lanes / 8}u + (lid.x >> 3u)`;
    const shared = this.#options.hasSubgroups
      ? `  let share = (${this.#options.subgroupLane ?? "lid.x"}) & 7u;`
      : "";
    const stride = this.#width === 4 ? "(p.k >> 2u)" : "p.k";
    const row = (t: number): string => `min(token + ${t}u, p.m - 1u)`;
    const blocks = this.#param("blocks");
    return [
      "  let lane = lid.x & 7u;",
      `  let tile = (${group}) * ${rowTiles}u;`,
      `  let token = wid.${down} * ${tokens}u;`,
      `  let last_tile = (${this.#param("row_end")} - ${
        this.#param("row_start")
      } - 1u) >> 3u;`,
      shared,
      ...count(tokens).map((t) => `  var x${t} = ${row(t)} * ${stride};`),
      ...this.#owned().map(({ id, r, layout }) =>
        `  var w${id} = min(tile + ${r}u, last_tile) * ${blocks} * ` +
        `${layout.blockElements}u;`
      ),
      ...count(tokens).flatMap((t) =>
        this.#owned().map(({ id }) => `  var sum${t}_${id} = 0.0;`)
      ),
      ...this.#normed().map((t) => `  var squares${t} = 0.0;`),
    ].filter((line) => line !== "").join("\n");
  }

  /** One block of each weight row, for all tokens. */
  decodeBlocks(): string {
    return this.#owned().map(({ id, name, layout }) =>
      layout.decode({
        weights: name,
        at: `w${id}`,
        lane: "lane",
        prefix: `w${id}_`,
      })
    ).join("\n");
  }

  /** Adds a block's products to the sums of one token. */
  addToken(t: number): string {
    const { layout } = this.#options;
    const lines = this.#loads(t);
    for (let k = 0; k < layout.block; k++) {
      lines.push(`  let x${t}_${k} = ${this.#value(t, k)};`);
      for (const { id } of this.#owned()) {
        const weight = `w${id}_${k >> 2}.${"xyzw"[k % 4]}`;
        lines.push(`  sum${t}_${id} += x${t}_${k} * ${weight};`);
      }
    }
    return lines.join("\n");
  }

  /** Moves on by one block. */
  advance(): string {
    const { layout, tokens } = this.#options;
    const step = layout.block / this.#width;
    return [
      ...count(tokens).map((t) => `  x${t} += ${step}u;`),
      ...this.#owned().map(({ id, layout }) =>
        `  w${id} += ${layout.blockElements}u;`
      ),
    ].join("\n");
  }

  /** Factors of the norm: shares of squares joined in the lanes' order. */
  finishNorms(): string[] {
    return this.#normed().map((t) => {
      const shares = count(8).map((i) =>
        `subgroupBroadcast(squares${t}, ${i}u)`
      );
      return `  let factor_${t} = 1.0 / sqrt((${shares.join(" + ")}) / ` +
        "f32(p.k) + p.eps);";
    });
  }

  /** Writes the sums of one token, if it and the row exist. */
  storeToken(t: number): string {
    const { rowTiles, finish = ([sum]) => sum! } = this.#options;
    const {
      place = (at) => `(${at.token}) * ${this.#param("n")} + ${at.row}`,
    } = this.#options;
    const lines = count(rowTiles).map((r) => {
      const row = `(row${t} + ${8 * r}u)`;
      const at = { row, token: `(token + ${t}u)`, index: t };
      const sums = this.#owned().filter((own) => own.r === r)
        .map(({ id }) => `sum${t}_${id}`);
      return `    if (${at.row} < ${this.#param("row_end")}) { ` +
        `store_${this.#names.y}(${place(at)}, ${finish(sums, at)}); }`;
    });
    return [
      `  if (token + ${t}u < p.m) {`,
      `    let row${t} = ${this.#param("row_start")} + tile * 8u + lane;`,
      ...lines,
      "  }",
    ].join("\n");
  }

  /** Row tiles of a lane: number `r` of each weight, and a name for each. */
  #owned(): (GemmWeight & { readonly id: string; readonly r: number })[] {
    return count(this.#options.rowTiles).flatMap((r) =>
      this.#weights.map((weight, i) => ({
        ...weight,
        id: `${r}${"abc"[i]}`,
        r,
      }))
    );
  }

  /** Rows of x that are normed. */
  #normed(): number[] {
    return this.#options.rms ? count(this.#options.tokens) : [];
  }

  #param(name: string): string {
    return `p.${name}${this.#options.suffix ?? ""}`;
  }

  /**
   * Loads of a token's block. Past the end of x the value is zero: the next
   * row may hold anything, and weights of the padding need not be zero.
   */
  #loads(t: number): string[] {
    const { layout, hasSubgroups, rms } = this.#options;
    const width = this.#width, zero = width === 4 ? "vec4<f32>()" : "0.0";
    const loads = layout.block / width / (hasSubgroups ? 8 : 1);
    return count(loads).flatMap((i) => {
      const at = hasSubgroups ? `${8 * i}u + share` : `${i}u`;
      const column = width === 4 ? `k0 + 4u * (${at})` : `k0 + ${at}`;
      const value = `load_${this.#names.x}(x${t} + ${at})`;
      const own = `select(${zero}, ${value}, ${column} < p.k)`;
      if (!rms) return [`  let v${t}_${i} = ${own};`];
      const scale = rms.scale ? ` * load_${rms.scale}((k0 >> 2u) + ${at})` : "";
      return [
        `  let u${t}_${i} = ${own};`,
        `  squares${t} += dot(u${t}_${i}, u${t}_${i});`,
        `  let v${t}_${i} = u${t}_${i}${scale};`,
      ];
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
