import { quickGelu } from "../../ops/quick_gelu.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(quickGelu, {
  cases: [
    { inputs: [[1]] },
    { inputs: [[3, 21]] },
    { inputs: [{ shape: [4, 66], range: [-9, 9] }] },
    {
      inputs: [{ shape: [6], values: [-3e4, -200, -16, 16, 200, 3e4] }],
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [{ dtype: "i32", shape: [2] }],
      message: /quick_gelu to i32 values: cast them/,
    },
  ],
});
