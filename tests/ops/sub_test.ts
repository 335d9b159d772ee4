import { sub } from "../../ops/sub.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(sub, {
  cases: [
    { inputs: [[1], [1]] },
    { inputs: [[2, 3, 4], [2, 3, 4]] },
    { inputs: [[3, 65], [65]] },
    { inputs: [[7, 1], [3, 1, 5]] },
    { inputs: [[], [9]] },
  ],
  bad: [{ inputs: [[2, 3], [3, 2]], message: /sub.*\[2, 3\] and \[3, 2\]/ }],
});
