import { logProb } from "../../ops/log_prob.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(logProb, {
  cases: [
    { inputs: [[1, 1], indices([1], [0])] },
    { inputs: [[3, 33], indices([3], [32, 0, 0xffffffff])] },
    { inputs: [[2, 31], indices([2], [30, 31])] },
    { inputs: [[2, 1025], indices([2], [5, 1024])], gradient: false },
  ],
  bad: [{
    inputs: [[3, 4], { dtype: "u32", shape: [2] }],
    message: /log_prob.*m=3/,
  }],
});
