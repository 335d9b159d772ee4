import { squaredRelu } from "../../ops/squared_relu.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(squaredRelu, {
  cases: [
    { inputs: [[1]] },
    { inputs: [[3, 21]] },
    { inputs: [{ shape: [4, 66], range: [-9, 9] }] },
    {
      inputs: [{ shape: [6], values: [-3e4, -200, -16, 16, 200, 3e4] }],
      gradient: false,
      f16: false,
    },
  ],
  bad: [
    {
      inputs: [{ dtype: "i32", shape: [2] }],
      message: /squared_relu to i32 values: cast them/,
    },
  ],
});
