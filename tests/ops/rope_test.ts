import assert from "node:assert/strict";
import { constant, leaf } from "../../core/mod.ts";
import { rope, ropeTable } from "../../ops/rope.ts";
import { checkGradient } from "../support/check_gradient.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";
import { readGolden } from "../support/golden.ts";
import { createRandom, randomValues } from "../support/random.ts";

function table(length: number, dims: number): {
  shape: number[];
  values: number[];
} {
  const values = [...ropeTable({ length, dims, theta: 10_000 })];
  return { shape: [length, dims / 2, 2], values };
}

const at = indices([2, 3], [0, 1, 2, 30, 8191, 8192]);

// The table is a constant in every use, so its gradient is not defined; the
// gradient by `x` has a test of its own below.
const gradient = false;

checkOp(rope, {
  cases: [
    { inputs: [[1, 1, 1, 2], indices([1, 1], [3]), table(4, 2)], gradient },
    { inputs: [[2, 3, 9, 64], at, table(8192, 64)], gradient },
    { inputs: [[2, 3, 2, 10], at, table(31, 6)], gradient },
    {
      inputs: [[2, 3, 2, 8], at, table(31, 8)],
      attrs: { isInterleaved: true },
      gradient,
    },
    {
      inputs: [[2, 3, 2, 8], at, table(31, 8)],
      attrs: { isInverse: true },
      gradient,
    },
  ],
  keepF32: [2],
  bad: [{
    inputs: [[1, 2, 3, 4], { dtype: "u32", shape: [1, 2] }, [9, 3, 2]],
    message: /rope.*at most the head dimension 4.*ropeTable/,
  }, {
    inputs: [[1, 2, 3, 4], { dtype: "u32", shape: [2, 2] }, [9, 2, 2]],
    message: /rope.*b=1/,
  }],
});

for (const isInterleaved of [false, true]) {
  const pairs = isInterleaved ? "pairs" : "halves";
  Deno.test(`rope() of ${pairs} has the gradient of its meaning by x`, () => {
    const random = createRandom(5);
    const x = leaf("input", "x", { dtype: "f32", shape: [1, 2, 2, 10] });
    const places = Uint32Array.of(3, 40);
    const { shape, values } = table(31, 6);
    const result = rope(
      x,
      constant({ dtype: "u32", shape: [1, 2] }, places),
      constant({ dtype: "f32", shape }, Float32Array.from(values)),
      { isInterleaved },
    );
    const content = randomValues(random, "f32", 40, [-2, 2]);
    checkGradient(`rope of ${pairs}`, result, new Map([[x, content]]));
  });
}

Deno.test("ropeTable() makes PyTorch's angles", () => {
  const { inputs } = readGolden("rope")[0]!;
  const { shape, values } = inputs[2]!;
  const dims = 2 * shape[1]!;
  const made = ropeTable({ length: shape[0]!, dims, theta: 10_000 });
  made.forEach((x, i) => assert(Math.abs(x - values[i]!) < 1e-7));
});

Deno.test("ropeTable() takes explicit frequencies", () => {
  const made = ropeTable({
    length: 3,
    dims: 2,
    theta: 1,
    frequencies: [Math.PI / 2],
  });
  assert.deepEqual([...made].map(Math.round).map(Math.abs), [1, 0, 0, 1, 1, 0]);
  const wrong = { length: 3, dims: 4, theta: 1, frequencies: [1] };
  assert.throws(() => ropeTable(wrong), /frequencies must be 2: it is 1/);
});

Deno.test("ropeTable() takes a scale of cosines and sines", () => {
  const usual = { length: 3, dims: 4, theta: 100 };
  const plain = ropeTable(usual), scaled = ropeTable({ ...usual, scale: 1.5 });
  plain.forEach((x, i) => assert(Math.abs(scaled[i]! - 1.5 * x) < 1e-6));
});
