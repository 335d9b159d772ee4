/** The packed product's text against sums in f64, for all tiles and layouts. */
import assert from "node:assert/strict";
import type { Kernel } from "../../../core/kernel.ts";
import type { PackedLayout } from "../../../core/layouts/layout.ts";
import { layoutNamed, LAYOUTS } from "../../../core/layouts/layout_named.ts";
import { chooseTile } from "../../../ops/matmul/choose_tile.ts";
import {
  gemmBody,
  gemmParams,
  gemmWorkgroups,
} from "../../../ops/matmul/gemm.ts";
import type {
  GemmOptions,
  GemmSize,
} from "../../../ops/matmul/gemm_options.ts";
import { createRandom, randomValues } from "../../support/random.ts";
import { openBareGpu, runWgsl } from "../../support/run_wgsl.ts";

const gpu = await openBareGpu();

interface Case {
  readonly options: GemmOptions;
  readonly size: GemmSize;
  readonly x: Float32Array<ArrayBuffer>;
  readonly packed: Uint8Array<ArrayBuffer>;
}

function toKernel(options: GemmOptions, size: GemmSize): Kernel {
  return {
    name: "gemm",
    bindings: [
      { name: "x", of: 0, view: options.isVec4 ? "vec4" : "scalar" },
      { name: "w", of: 1, view: options.layout.element },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: gemmParams(options.layout, size),
    workgroupSize: [options.lanes ?? 8, 1, 1],
    workgroups: gemmWorkgroups(options, size),
    body: gemmBody(options),
  };
}

async function multiply(one: Case): Promise<Float32Array> {
  const { m, n, k } = one.size;
  const bytes = await runWgsl(gpu!, toKernel(one.options, one.size), {
    inputs: [
      { type: { dtype: "f32", shape: [m, k] } },
      { type: { dtype: "f32", shape: [n, k] }, layout: one.options.layout },
    ],
    output: { type: { dtype: "f32", shape: [m, n] } },
    data: [new Uint8Array(one.x.buffer), one.packed, m * n * 4],
  });
  return new Float32Array(bytes, 0, m * n);
}

function operands(layout: PackedLayout, { m, n, k }: GemmSize): {
  x: Float32Array<ArrayBuffer>;
  packed: Uint8Array<ArrayBuffer>;
  w: Float32Array<ArrayBuffer>;
} {
  const random = createRandom(m * 1009 + n * 31 + k);
  const x = randomValues(random, "f32", m * k, [-1, 1]);
  const w = randomValues(random, "f32", n * k, [-1, 1]);
  const packed = layout.packRows("f32", new Uint8Array(w.buffer), n, k);
  return {
    x: x as Float32Array<ArrayBuffer>,
    packed,
    w: layout.unpackRows(packed, n, k),
  };
}

function checkProduct(
  actual: Float32Array,
  { m, n, k }: GemmSize,
  x: Float32Array,
  w: Float32Array,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0, size = 0;
      for (let c = 0; c < k; c++) {
        const product = x[i * k + c]! * w[j * k + c]!;
        sum += product;
        size += Math.abs(product);
      }
      const error = Math.abs(actual[i * n + j]! - sum);
      assert.ok(
        error <= k * 2 ** -24 * size + 1e-30,
        `m ${m} n ${n} k ${k}: y[${i}, ${j}] is off by ${error}`,
      );
    }
  }
}

const SIZES: readonly GemmSize[] = [
  { m: 1, n: 16, k: 32 },
  { m: 1, n: 50, k: 96 },
  { m: 3, n: 7, k: 5 },
  { m: 4, n: 33, k: 36 },
  { m: 8, n: 64, k: 64 },
  { m: 17, n: 40, k: 40 },
];

/** Ways to write the text that the choice of a tile takes or may take. */
function variants(layout: PackedLayout, size: GemmSize): GemmOptions[] {
  const exchanges = gpu?.hasSubgroups ? [true, false] : [false];
  return exchanges.flatMap((hasSubgroups) => {
    const need = { layout, ...size, rows: size.n, hasSubgroups };
    const chosen = chooseTile({ ...need, isSoftware: true });
    return [
      chosen,
      chooseTile({ ...need, isSoftware: false }),
      { ...chosen, isVec4: false, walk: "tokens" as const, lanes: 16 },
    ];
  });
}

for (const layout of LAYOUTS) {
  Deno.test({
    name: `gemmBody() multiplies by ${layout.name} weights of odd sizes`,
    ignore: gpu === undefined,
    fn: async () => {
      for (const size of SIZES) {
        const { x, packed, w } = operands(layout, size);
        for (const options of variants(layout, size)) {
          const actual = await multiply({ options, size, x, packed });
          checkProduct(actual, size, x, w);
        }
      }
    },
  });

  Deno.test({
    name: `gemmBody() gives the same bits for every tile, ${layout.name}`,
    ignore: gpu === undefined,
    fn: async () => {
      const size = { m: 5, n: 48, k: 64 };
      const { x, packed } = operands(layout, size);
      const results: Float32Array[] = [];
      for (const options of variants(layout, size)) {
        for (const tokens of [1, 5]) {
          const tile = { ...options, tokens };
          results.push(await multiply({ options: tile, size, x, packed }));
        }
      }
      for (const result of results) assert.deepEqual(result, results[0]);
    },
  });
}

Deno.test({
  name: "gemmBody() writes the columns of its part of the weight only",
  ignore: gpu === undefined,
  fn: async () => {
    const layout = layoutNamed("q8_0");
    const whole = { m: 3, n: 70, k: 64 };
    const { x, packed, w } = operands(layout, whole);
    const cut = 32 / 8 * layout.tileBytes(64);
    const parts = [
      { size: { ...whole, rowStart: 0, rows: 32 }, at: packed.slice(0, cut) },
      { size: { ...whole, rowStart: 32, rows: 38 }, at: packed.slice(cut) },
    ];
    const sum = new Float32Array(3 * 70);
    for (const { size, at } of parts) {
      const options = variants(layout, { ...whole, n: size.rows })[0]!;
      const actual = await multiply({ options, size, x, packed: at });
      actual.forEach((value, i) => {
        const column = i % 70;
        const isOwn = column >= size.rowStart &&
          column < size.rowStart + size.rows;
        if (!isOwn) assert.equal(value, 0);
        sum[i]! += value;
      });
    }
    checkProduct(sum, whole, x, w);
  },
});

Deno.test({
  name: "gemmBody() keeps a row's NaN out of the other rows",
  ignore: gpu === undefined,
  fn: async () => {
    for (
      const [name, k] of [["f32", 12], ["q8_0", 36], ["q4_1", 40]] as const
    ) {
      const size = { m: 4, n: 16, k }, layout = layoutNamed(name);
      const { x, packed } = operands(layout, size);
      x.fill(NaN, k, 2 * k);
      for (const options of variants(layout, size)) {
        const actual = await multiply({ options, size, x, packed });
        actual.forEach((value, i) =>
          assert.equal(
            Number.isNaN(value),
            i >= 16 && i < 32,
            `${name} at ${i}`,
          )
        );
      }
    }
  },
});
