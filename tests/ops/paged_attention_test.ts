import assert from "node:assert/strict";
import {
  createDevice,
  evaluateOn,
  leaf,
  type Shape,
  sizeOf,
} from "../../core/mod.ts";
import {
  pagedAttention,
  type PagedAttentionAttrs,
} from "../../ops/paged_attention.ts";
import { controlWidth } from "../../ops/control_row.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import { checkOp, type OpCase, type OperandSpec } from "../support/check_op.ts";
import {
  controlOperand,
  controlRows,
  scrambledTable,
} from "../support/control_rows.ts";
import { createRandom } from "../support/random.ts";

const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });

/** Rows that share a cache of `pages` pages each, in scrambled order. */
function rows(
  q: Shape,
  groups: number,
  pages: number,
  fields: readonly ControlFields[],
): OpCase<PagedAttentionAttrs> {
  const [b, , , k] = q as [number, number, number, number];
  return {
    inputs: [
      q,
      [b * pages, 2, groups, k, 16],
      controlOperand(fields),
      scrambledTable(b, pages),
    ],
    attrs: { scale: k ** -0.5 },
  };
}

/** A case with a fifth operand. */
function biased(
  { inputs, attrs }: OpCase<PagedAttentionAttrs>,
  bias: "slopes" | "distances",
  operand: OperandSpec,
): OpCase<PagedAttentionAttrs> {
  return { inputs: [...inputs, operand], attrs: { ...attrs!, bias } };
}

const LONG = rows([3, 17, 4, 5], 2, 6, [
  { position: 0, count: 17 },
  { position: 64, count: 5 },
  { position: 9, count: 0 },
]);
const SINGLE = rows([2, 1, 9, 8], 3, 9, [
  { position: 130, count: 1 },
  { position: 0, count: 1 },
]);

checkOp(pagedAttention, {
  cases: [
    rows([1, 1, 1, 1], 1, 1, [{ count: 1 }]),
    rows([3, 1, 9, 64], 3, 9, [
      { position: 0, count: 1 },
      { position: 63, count: 1 },
      { position: 130, count: 1 },
    ]),
    LONG,
    rows([1, 65, 6, 16], 1, 8, [{ position: 3, count: 64 }]),
    rows([1, 2, 2, 80], 2, 2, [{ position: 31, count: 2 }]),
    biased(LONG, "slopes", { shape: [4], range: [0, 0.25] }),
    biased(SINGLE, "slopes", { shape: [9], range: [0, 0.25] }),
    biased(LONG, "distances", [3, 17, 4, 81]),
    biased(SINGLE, "distances", [2, 1, 9, 7]),
    biased(SINGLE, "distances", [2, 1, 9, 1]),
  ],
  bad: [{
    inputs: [
      [1, 1, 4, 8],
      [3, 2, 3, 8, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
    ],
    attrs: { scale: 1 },
    message: /paged_attention.*4 query heads cannot share 3 key heads/,
  }, {
    inputs: [
      [1, 1, 4, 8],
      [3, 2, 2, 6, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
    ],
    attrs: { scale: 1 },
    message: /paged_attention.*k=6/,
  }, {
    inputs: [
      [1, 1, 4, 8],
      [3, 2, 2, 8, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
    ],
    attrs: { scale: 1, bias: "slopes" },
    message: /paged_attention with four operands and the attribute bias slopes/,
  }, {
    inputs: [
      [1, 1, 4, 8],
      [3, 2, 2, 8, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
      [4],
    ],
    attrs: { scale: 1 },
    message: /paged_attention with five operands and the attribute bias undef/,
  }, {
    inputs: [
      [1, 1, 4, 8],
      [3, 2, 2, 8, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
      [2],
    ],
    attrs: { scale: 1, bias: "slopes" },
    message: /paged_attention.*h=4/,
  }, {
    inputs: [
      [1, 2, 4, 8],
      [3, 2, 2, 8, 16],
      u32(1, controlWidth(32)),
      u32(1, 3),
      [1, 1, 4, 9],
    ],
    attrs: { scale: 1, bias: "distances" },
    message: /paged_attention.*l=2/,
  }],
});

Deno.test("paged_attention() does not look at stale slots or pages", async () => {
  using device = await createDevice();
  const random = createRandom(3);
  const shapes = { q: [1, 2, 2, 8], cache: [4, 2, 1, 8, 16] };
  const q = leaf("input", "q", { dtype: "f32", shape: shapes.q });
  const cache = leaf("state", "cache", { dtype: "f32", shape: shapes.cache });
  const control = leaf("input", "control", {
    dtype: "u32",
    shape: [1, controlWidth(32)],
  });
  const table = leaf("input", "table", { dtype: "u32", shape: [1, 4] });
  const values = new Float32Array(sizeOf(shapes.cache)).map(random);
  const stale = values.map((x, i) => {
    // Keys 0 to 6 of page 2 are in use; all else holds NaN.
    const page = Math.floor(i / (2 * 8 * 16));
    return page === 2 && i % 16 < 7 ? x : NaN;
  });
  const result = pagedAttention(q, cache, control, table, { scale: 1 });
  const queries = new Float32Array(sizeOf(shapes.q)).map(random);
  const results = [];
  for (const content of [values, stale]) {
    results.push(
      await evaluateOn(device, [result], (leaf) => {
        if (leaf === q) return queries;
        if (leaf === cache) return content.slice();
        if (leaf === control) return controlRows([{ position: 5, count: 2 }]);
        return Uint32Array.of(2, 0, 0xffffffff, 77);
      }),
    );
  }
  assert.deepEqual(results[0], results[1]);
});
