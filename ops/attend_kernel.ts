/**
 * Writes the kernel that all attention ops share; where keys and values lie
 * is the op's affair. Not an op.
 *
 * A workgroup takes a few query rows that share a head of the keys and walks
 * over the keys in blocks. Scores are made with keys on lanes, sums over
 * values with elements of the head on lanes: each load, dear on software
 * devices, serves all rows, and no lane needs more than a few registers. The
 * rows of a block meet in workgroup memory (three barriers a block).
 *
 * @module
 */

import type {
  Binding,
  DeviceProfile,
  Kernel,
  KernelContext,
} from "../core/kernel.ts";
import {
  addBias,
  type BiasKind,
  declareBias,
  findBias,
  startBias,
} from "./attend_bias.ts";
import {
  elementOf,
  hideKeys,
  range,
  scoreKeys,
  sumValues,
  times,
  type Unrolled,
  weighKeys,
} from "./attend_block.ts";

/** Where keys and values lie, and who sees what. */
export interface AttendUse {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Operands beside the queries, operand 0 [b, l, h, k]. */
  readonly bindings: readonly Binding[];
  /** Uniforms that the texts read, beside `l`, `h`, `g`, `ratio`, `items`. */
  readonly params: Readonly<Record<string, number>>;
  /** Heads of keys and values, g; each serves h / g heads of the queries. */
  readonly groups: number;
  /** Factor of the scores. */
  readonly scale: number;
  /**
   * Statements that set `low` and `high`, u32: query `j` of row `b` sees the
   * keys [low, high); none when low = high.
   */
  readonly range: string;
  /**
   * WGSL functions for key 0, 4, 8, … and the three after it:
   * `keys_at(b, head, key) -> u32`, a place, and `load_keys(place, d) ->
   * vec4<f32>`, element d of the four; `values_at` and `load_values` alike.
   * With `byFour`, `load_four_keys(place, d) -> mat4x4<f32>` and
   * `load_four_values` instead: elements d .. d + 3 as columns.
   */
  readonly source: string;
  /**
   * Whether the source gives four elements at a time, which pays where those
   * of a key lie side by side; only where `fitsFours` allows it.
   */
  readonly byFour?: boolean;
  /**
   * WGSL function `may_see(query: u32, key: u32) -> bool` that narrows the
   * range, for query `b · l + j`; left out where nothing does.
   */
  readonly mask?: string;
  /**
   * What the binding `bias` adds to scores. `range` then sets `position`, u32,
   * as well: that of query `j` of row `b`.
   */
  readonly bias?: BiasKind | undefined;
  /**
   * WGSL function `query_at(at: u32, d: u32) -> f32`: element d of the query
   * whose result begins at element `at`. Default: element `at + d` of operand
   * 0, which is then [b, l, h, k].
   */
  readonly query?: string;
  /** Statements before all others, e.g. that write keys which are read here. */
  readonly before?: string;
}

/** Sizes of the queries [b, l, h, k]. */
export type QueryShape = readonly [b: number, l: number, h: number, k: number];

/** Query rows of a workgroup, in vectors of four; h / g heads share a key. */
export function queryQuads([, l, h]: QueryShape, groups: number): number {
  return l * h / groups > 4 ? 2 : 1;
}

/** Whether heads of `k` elements fill the lanes with four elements each. */
export function fitsFours(k: number, profile: DeviceProfile): boolean {
  return k % (4 * lanesOf(profile)) === 0;
}

function lanesOf({ isSoftware }: DeviceProfile): number {
  return isSoftware ? 8 : 32;
}

/** The kernel; its output has the queries' shape. */
export function attendKernel<Attrs>(
  { output, profile }: KernelContext<Attrs>,
  use: AttendUse,
): Kernel {
  const shape = output.type.shape as unknown as QueryShape;
  const [b, l, h, k] = shape;
  const ratio = h / use.groups, items = l * ratio;
  const lanes = lanesOf(profile);
  const quads = queryQuads(shape, use.groups);
  const isMasked = use.mask !== undefined;
  const { byFour = false } = use;
  const sizes = { lanes, quads, k, block: 8 * lanes, isMasked, byFour };
  const { bias } = use;
  return {
    name: use.name,
    bindings: [
      { name: "q", of: 0, view: "scalar" },
      ...use.bindings,
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      l,
      h,
      g: use.groups,
      ratio,
      items,
      scale: { f32: use.scale },
      ...use.params,
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(items / (4 * quads)), use.groups, b],
    declarations: [
      declarations(sizes),
      ...(bias ? [declareBias(sizes, bias)] : []),
      use.source,
      use.mask ?? "",
      use.query ?? PLAIN_QUERY,
    ].join("\n"),
    body: [
      ...(use.before === undefined ? [] : [use.before]),
      findRows(sizes, use),
      stageQueries(sizes),
      ...(bias ? [startBias(sizes, bias)] : []),
      startBlocks(sizes),
      scoreKeys(sizes),
      ...(bias ? [addBias(sizes, bias)] : []),
      hideKeys(sizes),
      weighKeys(sizes),
      sumValues(sizes),
      storeRows(sizes),
    ].join("\n"),
  };
}

const PLAIN_QUERY =
  "fn query_at(at: u32, d: u32) -> f32 { return load_q(at + d); }";

function declarations({ lanes, quads, k, block }: Unrolled): string {
  return `var<workgroup> bases: array<u32, ${4 * quads}>;
var<workgroup> lows: array<u32, ${4 * quads}>;
var<workgroup> highs: array<u32, ${4 * quads}>;
var<workgroup> span: vec2<u32>;
var<workgroup> queries: array<vec4<f32>, ${k * quads}>;
var<workgroup> weights: array<vec4<f32>, ${block * quads}>;
var<workgroup> shares: array<vec4<f32>, ${lanes * quads}>;
var<workgroup> tops: array<vec4<f32>, ${quads}>;
var<workgroup> keeps: array<vec4<f32>, ${quads}>;`;
}

/** Where the rows' queries lie, what they see, and what all of them see. */
function findRows(
  { lanes, quads, k }: Unrolled,
  { range, bias }: AttendUse,
): string {
  const rows = 4 * quads;
  const found = bias
    ? ["    var position: u32 = 0u;", range, findBias(bias)]
    : [range];
  return `  let b = wid.z;
  for (var r = lid.x; r < ${rows}u; r += ${lanes}u) {
    let item = wid.x * ${rows}u + r;
    let j = min(item, p.items - 1u) / p.ratio;
    let head = wid.y * p.ratio + min(item, p.items - 1u) - j * p.ratio;
    var low: u32 = 0u;
    var high: u32 = 0u;
${found.join("\n")}
    bases[r] = ((b * p.l + j) * p.h + head) * ${k}u;
    lows[r] = select(0u, low, item < p.items);
    highs[r] = select(0u, high, item < p.items);
  }
  workgroupBarrier();
  if (lid.x == 0u) {
    var first: u32 = 0xffffffffu;
    var last: u32 = 0u;
    for (var r = 0u; r < ${rows}u; r++) {
      if (lows[r] < highs[r]) { first = min(first, lows[r]); }
      last = max(last, highs[r]);
    }
    span = vec2<u32>(first, last);
  }`;
}

function stageQueries({ lanes, quads, k }: Unrolled): string {
  return `  for (var e = lid.x; e < ${k * quads}u; e += ${lanes}u) {
    let d = e / ${quads}u;
    let r = 4u * (e % ${quads}u);
    queries[e] = p.scale * vec4<f32>(query_at(bases[r], d),
      query_at(bases[r + 1u], d), query_at(bases[r + 2u], d),
      query_at(bases[r + 3u], d));
  }`;
}

function startBlocks({ lanes, quads, k, block, isMasked }: Unrolled): string {
  const sums = Math.ceil(k / lanes);
  return `${
    times(quads, (r) => {
      const rows = [0, 1, 2, 3].map((i) => 4 * r + i);
      return `  let low${r} = vec4<u32>(${
        rows.map((row) => `lows[${row}]`).join(", ")
      });
  let high${r} = vec4<u32>(${rows.map((row) => `highs[${row}]`).join(", ")});
  var total${r} = vec4<f32>();
${times(sums, (c) => `  var sum${c}_${r} = vec4<f32>();`)}`;
    })
  }
${
    times(isMasked ? 4 * quads : 0, (r) =>
      `  let query${r} = bases[${r}] / (p.h * ${k}u);`)
  }
  if (lid.x < ${quads}u) { tops[lid.x] = vec4<f32>(-1e30); }
  let reach = workgroupUniformLoad(&span);
  for (var start = reach.x - reach.x % ${block}u; start < reach.y; start += ${block}u) {`;
}

/** Divides by the sums of the weights; rows that see nothing become 0. */
function storeRows(sizes: Unrolled): string {
  const { lanes, quads, k } = sizes;
  const rows = range(quads);
  return `  workgroupBarrier();
${
    rows.map((r) => `  shares[lid.x * ${quads}u + ${r}u] = total${r};`)
      .join("\n")
  }
  workgroupBarrier();
${
    rows.map((r) =>
      `  var mass${r} = vec4<f32>();
  for (var o = 0u; o < ${lanes}u; o++) { mass${r} += shares[o * ${quads}u + ${r}u]; }
  let factor${r} = select(vec4<f32>(), 1.0 / mass${r}, tops[${r}] > vec4<f32>(-1e29));`
    ).join("\n")
  }
${
    range(Math.ceil(k / lanes)).map((c) =>
      `  {
    let d = ${elementOf(c, sizes)};
${
        rows.map((r) =>
          `    let o${r} = sum${c}_${r} * factor${r};\n` +
          range(4).map((i) =>
            `    if (d < ${k}u && wid.x * ${4 * quads}u + ${
              4 * r + i
            }u < p.items) { store_y(bases[${4 * r + i}] + d, o${r}.${
              "xyzw"[i]
            }); }`
          ).join("\n")
        ).join("\n")
      }
  }`
    ).join("\n")
  }`;
}
