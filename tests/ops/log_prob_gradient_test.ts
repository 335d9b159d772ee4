import { logProbGradient } from "../../ops/log_prob_gradient.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(logProbGradient, {
  cases: [
    { inputs: [[1], [1, 1], indices([1], [0])] },
    { inputs: [[3], [3, 33], indices([3], [32, 0, 0xffffffff])] },
    { inputs: [[2], [2, 31], indices([2], [30, 31])] },
  ],
  bad: [{
    inputs: [[2], [3, 4], { dtype: "u32", shape: [3] }],
    message: /log_prob_gradient.*m=3/,
  }],
});
