import { controlWidth } from "../../ops/control_row.ts";
import { anyActive } from "../../ops/any_active.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { controlOperand, indices } from "../support/control_rows.ts";

const rows = (
  before: number,
  ...fields: ControlFields[]
): OpCase<object> => ({
  inputs: [indices([1], [before]), controlOperand(fields, 70)],
});

const done = { count: 1, isDone: true };

checkOp(anyActive, {
  cases: [
    rows(0, { count: 1 }),
    rows(1, done),
    rows(1, done, { count: 0 }, done),
    rows(0, ...Array.from({ length: 64 }, () => done), { count: 128 }),
    rows(1, ...Array.from({ length: 64 }, () => ({ count: 0 }))),
  ],
  bad: [{
    inputs: [
      { dtype: "u32", shape: [2] },
      { dtype: "u32", shape: [2, controlWidth(32)] },
    ],
    message: /any_active.*number of words must be 1: it is 2/,
  }, {
    inputs: [{ dtype: "u32", shape: [1] }, { dtype: "u32", shape: [2, 20] }],
    message: /any_active.*20 words/,
  }],
});
