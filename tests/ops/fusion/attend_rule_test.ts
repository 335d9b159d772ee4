import assert from "node:assert/strict";
import { leaf, type Tensor } from "../../../core/tensor.ts";
import { add } from "../../../ops/add.ts";
import { attendRule } from "../../../ops/fusion/attend_rule.ts";
import { biasRule, productRule } from "../../../ops/fusion/project_rules.ts";
import { kvWrite } from "../../../ops/kv_write.ts";
import { matmul } from "../../../ops/matmul.ts";
import { pagedAttention } from "../../../ops/paged_attention.ts";
import { reshape } from "../../../ops/reshape.ts";
import { rope, ropeTable } from "../../../ops/rope.ts";
import { controlRows } from "../../support/control_rows.ts";
import { rewritten } from "../../support/rewritten.ts";

const RULES = [productRule, biasRule, attendRule];
const [b, l, h, g, k] = [2, 3, 4, 2, 6];
const rowsOf = controlRows([{ position: 14, count: 3 }, { count: 2 }]);
const u32 = (name: string, ...shape: number[]): Tensor =>
  leaf("input", name, { dtype: "u32", shape });
const f32 = (name: string, ...shape: number[]): Tensor =>
  leaf("input", name, { dtype: "f32", shape });
const control = u32("control", b, rowsOf.length / b);
const table = u32("table", b, 2), positions = u32("positions", b, l);
const rotations = f32("rotations", 32, k / 2, 2);
const cache = leaf("state", "cache", {
  dtype: "f32",
  shape: [4, 2, g, k, 16],
});
const values = new Map<
  Tensor,
  Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
>([
  [control, rowsOf],
  [table, Uint32Array.of(3, 1, 0, 2)],
  [positions, Uint32Array.of(14, 15, 16, 0, 1, 2)],
  [rotations, ropeTable({ length: 32, dims: k, theta: 100 })],
  [cache, new Float32Array(4 * 2 * g * k * 16)],
]);

interface Parts {
  readonly x?: Tensor;
  readonly isTurned?: boolean;
  readonly hasBias?: boolean;
}

/** Attention as models write it; its result and the cache's new value. */
function attention(
  { x = f32("x", b, l, 8), isTurned = true, hasBias = false }: Parts,
) {
  const project = (name: string, heads: number, from = x) => {
    const weight = (suffix: string, ...shape: number[]) =>
      leaf("weight", `${name}.${suffix}`, { dtype: "f32", shape });
    const y = matmul(from, weight("weight", heads * k, 8), {
      isTransposed: true,
    });
    const biased = hasBias ? add(y, weight("bias", heads * k)) : y;
    return reshape(biased, { shape: [b, l, heads, k] });
  };
  const turn = (t: Tensor) => isTurned ? rope(t, positions, rotations) : t;
  const keys = turn(project("k", g));
  const written = kvWrite(cache, keys, project("v", g), control, table);
  const q = turn(project("q", h));
  return {
    keys,
    project,
    results: [
      pagedAttention(q, written, control, table, { scale: 0.4 }),
      written,
    ],
  };
}

Deno.test("attendRule joins projections, rotations, cache and attention", () => {
  for (const isTurned of [true, false]) {
    for (const hasBias of [true, false]) {
      const { results } = attention({ isTurned, hasBias });
      const names = rewritten(results, RULES, values);
      assert.deepEqual(names, ["project", "attend_step"]);
    }
  }
});

Deno.test("attendRule leaves keys that something else reads", () => {
  const { results, keys } = attention({});
  const names = rewritten([...results, keys], RULES, values);
  assert.ok(names.includes("kv_write") && names.includes("paged_attention"));
});

Deno.test("attendRule leaves heads of different rows", () => {
  const { project, results: [, written] } = attention({ isTurned: false });
  const q = project("q", h, f32("other", b, l, 8));
  const y = pagedAttention(q, written!, control, table, { scale: 0.4 });
  const names = rewritten([y, written!], RULES, values);
  assert.ok(names.includes("paged_attention"));
});

Deno.test("attendRule leaves attention with biases by distance", () => {
  const { project, results: [, written] } = attention({ isTurned: false });
  const slopes = f32("slopes", h);
  const attrs = { scale: 0.4, bias: "slopes" as const };
  const y = pagedAttention(
    project("q", h),
    written!,
    control,
    table,
    slopes,
    attrs,
  );
  assert.ok(rewritten([y, written!], RULES, values).includes("kv_write"));
});
