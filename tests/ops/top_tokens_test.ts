import { controlWidth } from "../../ops/control_row.ts";
import { TOPS_WIDTH } from "../../ops/top_entries.ts";
import { topTokens } from "../../ops/top_tokens.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import { checkOp, type OpCase, type OperandSpec } from "../support/check_op.ts";
import { controlOperand, indices } from "../support/control_rows.ts";

function rows(
  vocabulary: number,
  fields: readonly ControlFields[],
  logits: OperandSpec = [fields.length, vocabulary],
): OpCase<object> {
  const control = controlOperand(fields, vocabulary);
  const shape = [fields.length, TOPS_WIDTH];
  // What is not written keeps its old value.
  const old = Array.from({ length: fields.length * TOPS_WIDTH }, (_, i) => i);
  return { inputs: [indices(shape, old), control, logits] };
}

const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });

checkOp(topTokens, {
  cases: [
    rows(1, [{ count: 1, top: 1 }]),
    rows(19, [{ count: 1, top: 20 }, { count: 3, top: 5, drawn: 130 }]),
    rows(1023, [
      { count: 1, top: 20, drawn: 63 },
      { count: 1 },
      { count: 0, top: 3 },
      { count: 1, top: 3, isDone: true },
      { count: 1, top: 1 },
    ]),
    rows(3000, [{ count: 1, top: 20 }, { count: 1, top: 20 }]),
    // Equal logits, and some that rule tokens out.
    rows(1100, [{ count: 1, top: 20 }], {
      shape: [1, 1100],
      values: Array.from({ length: 1100 }, (_, i) => i % 7 === 3 ? 1 : -1),
    }),
    rows(24, [{ count: 1, top: 20 }], {
      shape: [1, 24],
      values: Array.from({ length: 24 }, (_, i) => i < 9 ? -Infinity : i % 5),
    }),
  ],
  // Log-likelihoods are compared as integers.
  tolerance: 1e-6,
  goldenTolerance: 2e-7,
  bad: [{
    inputs: [u32(2, TOPS_WIDTH), u32(1, controlWidth(32)), [2, 32]],
    message: /top_tokens.*control rows must be 2: it is 1/,
  }, {
    inputs: [u32(1, TOPS_WIDTH), u32(2, controlWidth(32)), [2, 32]],
    message: /top_tokens.*rows of noted tokens must be 2: it is 1/,
  }, {
    inputs: [u32(2, 64), u32(2, controlWidth(32)), [2, 32]],
    message: /top_tokens.*words of these rows must be 2560: it is 64/,
  }],
});
