import { readControl } from "../../ops/read_control.ts";
import { checkOp } from "../support/check_op.ts";
import { controlOperand } from "../support/control_rows.ts";

const rows = controlOperand([
  { token: 49151, position: 8191, count: 3, media: 2 },
  { token: 1, drawn: 7, isDone: true },
]);

checkOp(readControl, {
  cases: (["token", "position", "count", "media", "done", "drawn"] as const)
    .map((field) => ({ inputs: [rows], attrs: { field } })),
  bad: [{
    inputs: [{ dtype: "u32", shape: [2, 20] }],
    attrs: { field: "token" },
    message: /read_control.*20 words.*controlWidth/,
  }, {
    inputs: [[2, 200]],
    attrs: { field: "token" },
    message: /must be u32.*f32/,
  }],
});
