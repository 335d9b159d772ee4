import { softmax } from "../../ops/softmax.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(softmax, {
  cases: [
    { inputs: [[1]] },
    { inputs: [[2, 3, 33]] },
    { inputs: [[5, 31]] },
    { inputs: [{ shape: [3, 300], range: [-30, 30] }] },
    {
      inputs: [{
        shape: [3, 3],
        values: [-Infinity, 1, 2, -Infinity, -Infinity, -Infinity, 9, 9, 9],
      }],
      gradient: false,
    },
  ],
  bad: [
    { inputs: [[]], message: /softmax to a single number/ },
    {
      inputs: [{ dtype: "i32", shape: [2] }],
      message: /softmax to i32 values/,
    },
  ],
});
