/**
 * Writes the kernel of attention over paged caches, which text attention and
 * attention to pictures share. Not an op.
 *
 * A workgroup takes a few query rows that share a head of the cache and walks
 * over their keys in blocks. Scores are made with keys on lanes, sums over
 * values with elements of the head on lanes: each load, dear on software
 * devices, serves all rows, and no lane needs more than a few registers. The
 * rows of a block meet in workgroup memory (three barriers a block).
 *
 * @module
 */

import type { Binding, Kernel, KernelContext } from "../core/kernel.ts";
import { checkCache } from "./cache_type.ts";

/** What an op adds to the common kernel. */
export interface AttendPages {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Operands that `range` reads. */
  readonly bindings: readonly Binding[];
  /** Uniforms that `range` reads. */
  readonly params: Readonly<Record<string, number>>;
  /**
   * Statements that set `low` and `high`, u32: query `j` of row `b` sees the
   * keys [low, high) of the row's pages in order; none when low = high.
   */
  readonly range: string;
  /** Index of the operand u32 [b, pages of a row], the page table. */
  readonly table: number;
  /** Factor of the scores. */
  readonly scale: number;
}

/** Sizes that the text is unrolled by. */
interface Unrolled {
  /** Invocations of a workgroup. */
  readonly lanes: number;
  /** Vectors of four query rows of a workgroup. */
  readonly quads: number;
  /** Head dimension. */
  readonly k: number;
  /** Keys of a page. */
  readonly slots: number;
  /** Keys of a block. */
  readonly block: number;
}

/** The kernel; operand 0 is the queries [b, l, h, k], operand 1 the cache. */
export function attendPagesKernel<Attrs>(
  { inputs, profile }: KernelContext<Attrs>,
  use: AttendPages,
): Kernel {
  const [b, l, h, k] = inputs[0]!.type.shape as [
    number,
    number,
    number,
    number,
  ];
  const { pages, g, slots } = checkCache(use.name, inputs[1]!.type);
  const items = l * h / g;
  const lanes = profile.isSoftware ? 8 : 32;
  const quads = items > 4 ? 2 : 1;
  const sizes = { lanes, quads, k, slots, block: 8 * lanes };
  return {
    name: use.name,
    bindings: [
      { name: "q", of: 0, view: "scalar" },
      { name: "cache", of: 1, view: "vec4" },
      { name: "table", of: use.table, view: "scalar" },
      ...use.bindings,
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      l,
      h,
      g,
      pages,
      ratio: h / g,
      items,
      table_width: inputs[use.table]!.type.shape[1]!,
      scale: { f32: use.scale },
      ...use.params,
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(items / (4 * quads)), g, b],
    declarations: declarations(sizes),
    body: [
      findRows(sizes, use.range),
      stageQueries(sizes),
      startBlocks(sizes),
      scoreKeys(sizes),
      softmax(sizes),
      sumValues(sizes),
      storeRows(sizes),
    ].join("\n"),
  };
}

/** Repeats a text for 0 .. count − 1. */
function times(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

function declarations({ lanes, quads, k, block }: Unrolled): string {
  return `var<workgroup> bases: array<u32, ${4 * quads}>;
var<workgroup> lows: array<u32, ${4 * quads}>;
var<workgroup> highs: array<u32, ${4 * quads}>;
var<workgroup> span: vec2<u32>;
var<workgroup> queries: array<vec4<f32>, ${k * quads}>;
var<workgroup> weights: array<vec4<f32>, ${block * quads}>;
var<workgroup> shares: array<vec4<f32>, ${lanes * quads}>;
var<workgroup> tops: array<vec4<f32>, ${quads}>;
var<workgroup> keeps: array<vec4<f32>, ${quads}>;
fn page_at(row: u32, index: u32) -> u32 {
  let page = load_table(row * p.table_width + min(index, p.table_width - 1u));
  return min(page, p.pages - 1u);
}`;
}

/** Where the rows' queries lie, what they see, and what all of them see. */
function findRows({ lanes, quads, k }: Unrolled, range: string): string {
  const rows = 4 * quads;
  return `  let b = wid.z;
  for (var r = lid.x; r < ${rows}u; r += ${lanes}u) {
    let item = wid.x * ${rows}u + r;
    let j = min(item, p.items - 1u) / p.ratio;
    let head = wid.y * p.ratio + min(item, p.items - 1u) - j * p.ratio;
    var low: u32 = 0u;
    var high: u32 = 0u;
${range}
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
    queries[e] = p.scale * vec4<f32>(load_q(bases[r] + d),
      load_q(bases[r + 1u] + d), load_q(bases[r + 2u] + d),
      load_q(bases[r + 3u] + d));
  }`;
}

function startBlocks({ lanes, quads, k, block }: Unrolled): string {
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
  if (lid.x < ${quads}u) { tops[lid.x] = vec4<f32>(-1e30); }
  let reach = workgroupUniformLoad(&span);
  for (var start = reach.x - reach.x % ${block}u; start < reach.y; start += ${block}u) {`;
}

/** Scores of 8 keys a lane (two vectors of four) for every row. */
function scoreKeys({ lanes, quads, k, slots }: Unrolled): string {
  const vectors = [0, 1], rows = range(quads), four = range(4);
  return `${
    vectors.map((u) =>
      `    let key${u} = start + 4u * (lid.x + ${u * lanes}u);
    let at${u} = ((page_at(b, key${u} / ${slots}u) * 2u * p.g + wid.y) * ${
        k * slots
      }u + key${u} % ${slots}u) / 4u;
${
        four.map((i) =>
          rows.map((r) => `    var s${u}${i}_${r} = vec4<f32>();`).join("\n")
        ).join("\n")
      }`
    ).join("\n")
  }
    for (var d = 0u; d < ${k}u; d++) {
${
    vectors.map((u) =>
      `      let k${u} = load_cache(at${u} + d * ${slots / 4}u);`
    ).join("\n")
  }
${
    rows.map((r) =>
      `      let q${r} = queries[d * ${quads}u + ${r}u];\n` +
      vectors.map((u) =>
        four.map((i) => `      s${u}${i}_${r} += k${u}.${"xyzw"[i]} * q${r};`)
          .join("\n")
      ).join("\n")
    ).join("\n")
  }
    }
${
    rows.map((r) =>
      vectors.map((u) =>
        four.map((i) =>
          `    s${u}${i}_${r} = select(vec4<f32>(-1e30), s${u}${i}_${r}, ` +
          `vec4<u32>(key${u} + ${i}u) >= low${r} & ` +
          `vec4<u32>(key${u} + ${i}u) < high${r});`
        ).join("\n")
      ).join("\n")
    ).join("\n")
  }`;
}

/** Turns scores into weights relative to the greatest score so far. */
function softmax({ lanes, quads }: Unrolled): string {
  const parts = [0, 1].flatMap((u) => range(4).map((i) => `s${u}${i}`));
  const rows = range(quads);
  return `${
    rows.map((r) =>
      `    shares[lid.x * ${quads}u + ${r}u] = ${
        parts.slice(1).reduce(
          (text, part) => `max(${text}, ${part}_${r})`,
          `${parts[0]}_${r}`,
        )
      };`
    ).join("\n")
  }
    workgroupBarrier();
    if (lid.x < ${quads}u) {
      var top = tops[lid.x];
      for (var o = 0u; o < ${lanes}u; o++) {
        top = max(top, shares[o * ${quads}u + lid.x]);
      }
      keeps[lid.x] = exp(tops[lid.x] - top);
      tops[lid.x] = top;
    }
    workgroupBarrier();
${
    rows.map((r) =>
      `    let top${r} = tops[${r}];
    let keep${r} = keeps[${r}];
    total${r} *= keep${r};
${
        parts.map((part) => {
          const [, u, i] = part;
          return `    let e${part}_${r} = exp(${part}_${r} - top${r});
    total${r} += e${part}_${r};
    weights[(key${u} - start + ${i}u) * ${quads}u + ${r}u] = e${part}_${r};`;
        }).join("\n")
      }`
    ).join("\n")
  }
    workgroupBarrier();`;
}

/** Adds the block's weighted values; keys past the last seen one are stale. */
function sumValues({ lanes, quads, k, slots }: Unrolled): string {
  const sums = range(Math.ceil(k / lanes)), rows = range(quads);
  return `${
    sums.map((c) => rows.map((r) => `    sum${c}_${r} *= keep${r};`).join("\n"))
      .join("\n")
  }
    let stop = min(reach.y, start + ${8 * lanes}u);
    for (var key = start; key < stop; key += 4u) {
      let at = ((page_at(b, key / ${slots}u) * 2u + 1u) * p.g + wid.y) * ${
    k * slots / 4
  }u + key % ${slots}u / 4u;
      let isLive = vec4<u32>(key) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(stop);
${
    range(4).map((i) =>
      rows.map((r) =>
        `      let w${i}_${r} = weights[(key - start + ${i}u) * ${quads}u + ${r}u];`
      ).join("\n")
    ).join("\n")
  }
${
    sums.map((c) =>
      `      let v${c} = select(vec4<f32>(), load_cache(at + min(lid.x + ${
        c * lanes
      }u, ${k - 1}u) * ${slots / 4}u), isLive);
${
        rows.map((r) =>
          `      sum${c}_${r} += ${
            range(4).map((i) => `v${c}.${"xyzw"[i]} * w${i}_${r}`).join(" + ")
          };`
        ).join("\n")
      }`
    ).join("\n")
  }
    }
  }`;
}

/** Divides by the sums of the weights; rows that see nothing become 0. */
function storeRows({ lanes, quads, k }: Unrolled): string {
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
  let factor${r} = select(vec4<f32>(), 1.0 / mass${r}, low${r} < high${r});`
    ).join("\n")
  }
${
    range(Math.ceil(k / lanes)).map((c) =>
      `  {
    let d = lid.x + ${c * lanes}u;
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

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
