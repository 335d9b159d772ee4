import { positions } from "../../ops/positions.ts";
import { checkOp } from "../support/check_op.ts";
import { controlOperand } from "../support/control_rows.ts";

const rows = controlOperand([{ position: 5 }, { position: 8000 }, {}]);

checkOp(positions, {
  cases: [{ length: 1 }, { length: 2 }, { length: 129 }, {
    length: 5,
    first: 2,
  }]
    .map((attrs) => ({ inputs: [rows], attrs })),
  bad: [{
    inputs: [{ dtype: "u32", shape: [200] }],
    attrs: { length: 1 },
    message: /positions.*2 axes/,
  }],
});
