import { controlWidth } from "../../ops/control_row.ts";
import { selectLast } from "../../ops/select_last.ts";
import { checkOp } from "../support/check_op.ts";
import { controlOperand } from "../support/control_rows.ts";

checkOp(selectLast, {
  cases: [
    { inputs: [[1, 1, 1], controlOperand([{ count: 1 }])] },
    {
      inputs: [
        [4, 5, 33],
        controlOperand([{ count: 5 }, { count: 0 }, { count: 2 }, {
          count: 9,
        }]),
      ],
    },
  ],
  bad: [{
    inputs: [[2, 3, 4], { dtype: "u32", shape: [3, controlWidth(32)] }],
    message: /select_last.*control rows must be 2: it is 3/,
  }],
});
