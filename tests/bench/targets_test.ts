import assert from "node:assert/strict";
import { compareMain } from "../../bench/compare/main.ts";
import type { CompareRow } from "../../bench/compare/compare_workload.ts";
import {
  differenceOf,
  sampleOf,
  seededValues,
} from "../../bench/compare/seeded_values.ts";
import {
  ratioChart,
  showRow,
  showSummary,
} from "../../bench/compare/show_rows.ts";
import {
  checkTargets,
  classRatios,
  geomean,
} from "../../bench/compare/targets.ts";
import { allWorkloads } from "../../bench/compare/workloads.ts";

function row(
  workload: string,
  group: string,
  ratio: number | null,
  more: Partial<CompareRow> = {},
): CompareRow {
  return {
    workload,
    group,
    unit: "GFLOP/s",
    rookery: 10,
    peers: {},
    ratio,
    maxDifference: null,
    notes: {},
    ...more,
  };
}

const rows = [
  row("matmul f32 512×512×512", "matmul", 2),
  row("matmul f32 1024×1024×1024", "matmul", 8),
  row("softmax 1×1", "softmax", 1),
  row("norm", "norms", null, { notes: { peer: "cannot: has <none> & more" } }),
  row("SmolLM2-135M Q4_1, decode at 32", "language model", 9, {
    peers: { "llama.cpp-cpu": 40, "llama.cpp-vulkan": 1 },
  }),
];

Deno.test("classRatios() are geometric means of op classes with rivals", () => {
  assert.equal(geomean([]), undefined);
  assert.deepEqual(
    classRatios(rows).map(({ group, ratio }) => [group, ratio.toFixed(3)]),
    [["matmul", "4.000"], ["softmax", "1.000"]],
  );
});

Deno.test("checkTargets() gives each target its figure, or null without rows", () => {
  const found = Object.fromEntries(
    checkTargets(rows).map(({ name, figure }) => [name, figure]),
  );
  const near = (name: string, figure: number) =>
    assert(Math.abs(found[name]! - figure) < 1e-9, name);
  near("matmul f32, geometric mean of 512 and 1024", 4);
  near("matmul f32, worse of 512 and 1024", 2);
  near("classes of ops, geometric mean", 2);
  near("classes of ops, the worst", 1);
  near("decode at 32, float, over llama.cpp's CPU", 0.25);
  near("decode at 32, float, over llama.cpp's Vulkan", 10);
  assert.equal(found["prefill 128 over llama.cpp's CPU"], null);
});

Deno.test("showRow() and showSummary() tell figures, misses and refusals", () => {
  assert.match(showRow(rows[0]!), /512×512×512 +10\.0 GFLOP\/s +2\.00×/);
  const text = showSummary(rows, checkTargets(rows));
  assert.match(
    text,
    /classes of ops, the worst +1\.00× +of 1\.2×.*NOT REACHED/,
  );
  assert.match(text, /1024 +4\.00× +of 3× \(3\.5×\) +beyond the stretch/);
  assert.match(text, /prefill 128 over llama.cpp's CPU +not measured/);
  assert.match(text, /worst row: softmax 1×1, 1\.00×/);
  assert.match(text, /peer: has <none> & more \(1 of 5: norm\)/);
});

Deno.test("ratioChart() draws a bar for each compared row, escaped", () => {
  const svg = ratioChart([...rows, row("a < b & c", "x", 0.5)], "Ratios");
  const bars = svg.match(/<rect [^>]*height="14"/g) ?? [];
  assert.equal(bars.length, 5);
  assert.match(svg, /a &lt; b &amp; c/);
  const opened = svg.match(/<[a-z]/g)!.length;
  const closed = svg.match(/<\/[a-z]+>|\/>/g)!.length;
  assert.equal(opened, closed);
});

Deno.test("seededValues() are the same everywhere, spread over [-1, 1)", () => {
  assert.deepEqual(seededValues(4, 1), seededValues(4, 1));
  assert.notDeepEqual(seededValues(4, 1), seededValues(4, 2));
  const values = seededValues(10_000, 3);
  assert(values.every((value) => value >= -1 && value < 1));
  const mean = values.reduce((a, b) => a + b) / values.length;
  const square = values.reduce((a, b) => a + b * b) / values.length;
  assert(Math.abs(mean) < 0.02 && Math.abs(square - 1 / 3) < 0.02);
});

Deno.test("sampleOf() and differenceOf() compare parts of results", () => {
  const values = seededValues(1000, 1), other = values.slice();
  assert.equal(sampleOf(values).length, 128);
  assert.equal(differenceOf(sampleOf(values), sampleOf(other)), 0);
  other[5]! += 1;
  assert(differenceOf(sampleOf(values), sampleOf(other)) > 0.9);
  assert(Number.isNaN(differenceOf([1], [1, 2])));
});

Deno.test("allWorkloads() have names of their own and positive work", () => {
  const all = allWorkloads();
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  assert(all.every(({ perMillisecond }) => perMillisecond > 0));
});

Deno.test("compareMain() refuses what it does not know", async () => {
  const wrong = [
    ["compare", "--peers", "nobody"],
    ["compare", "HEAD"],
    ["compare", "--minutes", "0"],
    ["against"],
    ["against", "a", "b"],
  ];
  for (const args of wrong) assert.equal(await compareMain(args), 2);
});
