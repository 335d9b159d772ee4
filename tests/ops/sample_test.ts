import { controlWidth } from "../../ops/control_row.ts";
import { sample } from "../../ops/sample.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import {
  type AdjustedFields,
  adjustedRows,
  controlOperand,
  indices,
} from "../support/control_rows.ts";

/** Rows with the same settings and seeds of their own. */
function seeded(
  count: number,
  fields: AdjustedFields,
): AdjustedFields[] {
  return Array.from(
    { length: count },
    (_, i) => ({ count: 1, limit: 9, seed: i, ...fields }),
  );
}

function rows(
  vocabulary: number,
  fields: readonly ControlFields[],
): OpCase<object> {
  const control = controlOperand(fields, vocabulary);
  // Half precision moves the borders of what draws may choose from.
  const f16 = fields.every(({ temperature = 0 }) => temperature === 0);
  return { inputs: [control, [fields.length, vocabulary]], f16 };
}

/** The same with a third operand. */
function adjusted(
  vocabulary: number,
  fields: readonly AdjustedFields[],
): OpCase<object> {
  const { control, adjustments } = adjustedRows(fields, vocabulary);
  const shape = [fields.length, controlWidth(vocabulary)];
  return {
    inputs: [
      { shape, dtype: "u32", values: [...control] },
      [fields.length, vocabulary],
      indices([adjustments.length], [...adjustments]),
    ],
    f16: fields.every(({ temperature = 0 }) => temperature === 0),
  };
}

checkOp(sample, {
  cases: [
    rows(1, seeded(2, {})),
    rows(40, [
      { count: 3, position: 7, limit: 2 },
      { count: 1, isDone: true, limit: 2 },
      { count: 0, limit: 2 },
      { count: 1, limit: 1 },
      { count: 1, limit: 99, drawn: 65, seen: [0, 31, 32, 39], penalty: 3 },
      { count: 1, limit: 9, banned: Array.from({ length: 39 }, (_, i) => i) },
      { count: 1, limit: 9, banned: Array.from({ length: 40 }, (_, i) => i) },
    ]),
    rows(1001, seeded(3, { temperature: 1.4, seen: [4], penalty: 2 })),
    rows(63, seeded(40, { temperature: 1, topK: 5, banned: [3, 62] })),
    rows(64, seeded(40, { temperature: 0.7, topP: 0.6 })),
    rows(65, seeded(40, { temperature: 2, minP: 0.3 })),
    rows(
      300,
      seeded(40, { temperature: 0.8, topK: 40, topP: 0.9, minP: 0.02 }),
    ),
    rows(100, seeded(9, { temperature: 1e-6, topP: 0.5 })),
    rows(100, seeded(9, { temperature: 1e6, minP: 0.5 })),
    adjusted(1, seeded(2, { frequency: 1 })),
    adjusted(40, seeded(3, { bias: [[3, 1e6], [4, -1e6]], penalty: 1e6 })),
    adjusted(66, [
      { count: 1, limit: 9 },
      { count: 1, limit: 9, bias: [[65, 4.5], [0, 1], [31, -3], [32, 2]] },
      { count: 1, limit: 9, presence: 4, counts: [[5, 1], [64, 3]] },
      { count: 1, limit: 9, bias: [[7, 5]], banned: [7] },
    ]),
    adjusted(
      1000,
      seeded(9, {
        temperature: 1.1,
        topK: 50,
        topP: 0.95,
        minP: 0.01,
        penalty: 1.3,
        frequency: 0.5,
        presence: 0.25,
        seen: [3, 4, 997, 40],
        counts: [[4, 2], [997, 1]],
        bias: [[4, 3], [500, 2], [999, -1]],
      }),
    ),
  ],
  // Everything is equal but the last bits of log-likelihoods, as integers.
  tolerance: 1e-6,
  goldenTolerance: 2e-7,
  bad: [{
    inputs: [{ dtype: "u32", shape: [2, controlWidth(32)] }, [2, 33]],
    message: /sample.*words of a control row must be 184: it is 182/,
  }, {
    inputs: [{ dtype: "u32", shape: [1, controlWidth(32)] }, [2, 32]],
    message: /sample.*control rows must be 2: it is 1/,
  }, {
    inputs: [{ dtype: "u32", shape: [2, controlWidth(32)] }, [2, 32], [9]],
    message: /sample.*indices must be u32 with 1 axes: they are f32/,
  }],
});
