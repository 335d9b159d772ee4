import { add } from "../../ops/add.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(add, {
  cases: [
    { inputs: [[1], [1]] },
    { inputs: [[2, 3, 4], [2, 3, 4]] },
    { inputs: [[3, 67], [67]] },
    { inputs: [[5, 64], [1, 64]] },
    { inputs: [[2, 3, 36], [2, 1, 36]] },
    { inputs: [[7, 1], [3, 1, 5]] },
    { inputs: [[4, 33], []] },
    { inputs: [[130, 4, 16], [4, 1]] },
    { inputs: [[16], [3, 5, 16]] },
  ],
  bad: [
    { inputs: [[2, 3], [2]], message: /add.*\[2, 3\] and \[2\].*broadcast/ },
    {
      inputs: [[2], { dtype: "i32", shape: [2] }],
      message: /add to i32 values: cast/,
    },
  ],
});
