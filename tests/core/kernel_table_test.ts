import assert from "node:assert/strict";
import { constant, leaf } from "../../mod.ts";
import { Q8_0_LAYOUT } from "../../core/layouts/q8_0.ts";
import {
  KernelTable,
  medianOfWorking,
} from "../../core/profile/kernel_table.ts";
import { describeUse, type KernelUse } from "../../core/profile/kernel_use.ts";
import type { Operand } from "../../core/kernel.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { matmul } from "../../ops/matmul.ts";
import type { Tensor } from "../../core/tensor.ts";

function useOf(tensor: Tensor, inputs: readonly Operand[], isFirst = true) {
  const place = { program: "p", prefix: "layers.12.attn." };
  return describeUse({ kernel: "k", tensor, inputs, isFirst, ...place });
}

const f16 = (...shape: number[]) => ({ dtype: "f16" as const, shape });
const f32 = (...shape: number[]) => ({ dtype: "f32" as const, shape });

Deno.test("describeUse() counts values with the bytes they have", () => {
  const [a, b] = [leaf("input", "a", f32(4, 8)), leaf("input", "b", f32(4, 8))];
  const wide = useOf(add(a, b), [{ type: a }, { type: b }]);
  assert.equal(wide.shape, "4×8 · 4×8 → 4×8");
  const [c, d] = [leaf("input", "c", f16(4, 8)), leaf("input", "d", f16(4, 8))];
  const half = useOf(add(c, d), [{ type: c }, { type: d }]);
  assert.equal(half.shape, "4×8 f16 · 4×8 f16 → 4×8 f16");
  assert.equal(half.cost.bytes, wide.cost.bytes / 2);
  assert.equal(half.cost.flops, wide.cost.flops);
  const later = useOf(add(a, b), [{ type: a }, { type: b }], false);
  assert.deepEqual(later.cost, { flops: 0, bytes: 0 });
});

Deno.test("describeUse() counts packed weights as they lie, looked-up rows aside", () => {
  const x = leaf("input", "x", f32(2, 64));
  const w = leaf("weight", "w", f32(48, 64));
  const parts = [{ start: 0, end: 32 }, { start: 32, end: 48 }];
  const packed = { type: w, layout: Q8_0_LAYOUT, parts };
  const product = matmul(x, w, { isTransposed: true });
  const { cost, shape } = useOf(product, [{ type: x }, packed]);
  assert.equal(shape, "2×64 · 48×64 q8_0 → 2×48");
  assert.equal(cost.flops, 2 * 2 * 48 * 64);
  const tiles = 48 / 8 * Q8_0_LAYOUT.tileBytes(64);
  assert.equal(cost.bytes, 4 * 2 * 64 + 4 * 2 * 48 + tiles);
  const ids = constant({ dtype: "u32", shape: [1] }, new Uint32Array(1));
  const row = useOf(embedding(w, ids), [packed, { type: ids }]);
  assert.equal(row.cost.bytes, 8 * 64);
});

Deno.test("medianOfWorking() passes over calls that did nothing", () => {
  assert.equal(medianOfWorking([3]), 3);
  assert.equal(medianOfWorking([1, 3, 2, 4]), 2.5);
  const idle = Array.from({ length: 70 }, () => 0.01);
  const busy = Array.from({ length: 30 }, (_, i) => 1 + i / 100);
  assert.ok(Math.abs(medianOfWorking([...idle, ...busy]) - 1.145) < 1e-9);
});

Deno.test("medianOfWorking() is not led astray by calls that were held up", () => {
  const usual = Array.from({ length: 80 }, () => 0.5);
  const late = Array.from({ length: 20 }, () => 12);
  assert.equal(medianOfWorking([...usual, ...late]), 0.5);
});

Deno.test("kernels of one op share the rate that they reach together", () => {
  const table = new KernelTable();
  const use = (kernel: string, flops: number): KernelUse => ({
    kernel,
    op: "op",
    shape: "1 → 1",
    program: "p",
    prefix: "layers.3.",
    cost: { flops, bytes: 0 },
  });
  for (let i = 0; i < 3; i++) {
    table.add(use("first", 4e6), 1);
    table.add(use("second", 0), 3);
  }
  const rows = table.rows({ gemmGflops: 2, copyGBs: 1 });
  assert.deepEqual(rows.map(({ kernel }) => kernel), ["second", "first"]);
  for (const { gflops, peak, places } of rows) {
    assert.ok(Math.abs(gflops - 1) < 1e-12); // 4e6 in 1 + 3 ms
    assert.equal(peak!.of, "arithmetic");
    assert.ok(Math.abs(peak!.share - 0.5) < 1e-12);
    assert.deepEqual(places, ["p: layers.*."]);
  }
  assert.equal(table.ms, 12);
});
