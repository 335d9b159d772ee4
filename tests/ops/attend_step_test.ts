import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { evaluate } from "../../core/evaluate.ts";
import { evaluateOn } from "../../core/evaluate_on.ts";
import { leaf, type Tensor } from "../../core/tensor.ts";
import { attendStep, type AttendStepAttrs } from "../../ops/attend_step.ts";
import { ropeTable } from "../../ops/rope.ts";
import { stateAfter } from "../../ops/state_after.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import { assertClose } from "../support/assert_close.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import {
  controlOperand,
  indices,
  scrambledTable,
} from "../support/control_rows.ts";
import { createRandom, randomValues } from "../support/random.ts";

interface Sizes {
  readonly l: number;
  readonly heads: number;
  readonly groups: number;
  readonly headDim: number;
  readonly dims?: number;
  readonly isInterleaved?: boolean;
}

const PAGES = 9;

/** Rows that share a cache, in scrambled order; `dims` of a head turn. */
function rows(
  { l, heads, groups, headDim: k, dims = 0, isInterleaved = false }: Sizes,
  fields: readonly ControlFields[],
): OpCase<AttendStepAttrs> {
  const b = fields.length;
  const positions = fields.flatMap(({ position = 0 }) =>
    Array.from({ length: l }, (_, j) => position + j)
  );
  const table = ropeTable({ length: 140, dims, theta: 100 });
  return {
    inputs: [
      [b, l, (heads + 2 * groups) * k],
      [b * PAGES, 2, groups, k, 16],
      controlOperand(fields),
      scrambledTable(b, PAGES),
      ...(dims === 0 ? [] : [
        indices([b, l], positions),
        { shape: [140, dims / 2, 2], values: [...table] },
      ]),
    ],
    attrs: { heads, scale: k ** -0.5, isInterleaved },
  };
}

const STEPS = [
  { position: 130, count: 1 },
  { position: 0, count: 1 },
  { position: 15, count: 0 },
];

checkOp(attendStep, {
  keepF32: [5],
  cases: [
    rows({ l: 1, heads: 1, groups: 1, headDim: 1 }, [{ count: 1 }]),
    rows({ l: 1, heads: 9, groups: 3, headDim: 64, dims: 64 }, STEPS),
    rows({ l: 1, heads: 16, groups: 1, headDim: 10, dims: 4 }, STEPS),
    rows({
      l: 1,
      heads: 4,
      groups: 4,
      headDim: 8,
      dims: 8,
      isInterleaved: true,
    }, STEPS),
    rows({ l: 17, heads: 4, groups: 2, headDim: 6, dims: 6 }, [
      { position: 0, count: 17 },
      { position: 64, count: 5 },
    ]),
  ],
  bad: [
    {
      inputs: [
        [1, 1, 12],
        [4, 2, 1, 4, 16],
        { dtype: "u32", shape: [1, 300] },
        { dtype: "u32", shape: [1, 4] },
      ],
      attrs: { heads: 2, scale: 1 },
      message: /attend_step.*w/,
    },
  ],
});

for (const l of [1, 20]) {
  Deno.test(`attendStep() leaves keys and values of ${l} tokens in their pages`, async () => {
    const { inputs, attrs } = rows(
      { l, heads: 4, groups: 2, headDim: 6, dims: 6 },
      [{ position: 14, count: l }, { position: 40, count: l === 1 ? 0 : 3 }],
    );
    const random = createRandom(7);
    const values = new Map<Tensor, ReturnType<typeof randomValues>>();
    const leaves = inputs.map((input, i) => {
      const spec = "shape" in input ? input : { shape: input };
      const { shape, dtype = "f32", values: own } = spec;
      const made = leaf(i === 1 ? "state" : "input", `x${i}`, { dtype, shape });
      const size = shape.reduce((a, b) => a * b, 1);
      const data = randomValues(random, dtype, size, [-1, 1]);
      if (own) data.set(own);
      values.set(made, data);
      return made;
    });
    const result = (attendStep as unknown as (...args: unknown[]) => Tensor)(
      ...leaves,
      attrs,
    );
    const cache = stateAfter(leaves[1]!, result);
    const leafValues = (leaf: Tensor) => values.get(leaf)!.slice();
    const [expected] = evaluate([cache, result], leafValues);
    const before = values.get(leaves[1]!)!;
    assert.notDeepEqual(expected, before);
    using device = await createDevice();
    const [actual] = await evaluateOn(device, [cache, result], leafValues);
    assertClose("cache", actual!, expected!, { tolerance: 1e-6 });
  });
}
