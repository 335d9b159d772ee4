import { clampSlope } from "../../ops/clamp_slope.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(clampSlope, {
  cases: [
    { inputs: [[1]], attrs: { low: -1.5, high: 0.75 } },
    { inputs: [[3, 21]], attrs: { low: -1.5, high: 0.75 } },
    {
      inputs: [{ shape: [4, 66], range: [-9, 9] }],
      attrs: { low: -1.5, high: 0.75 },
    },
    {
      inputs: [{ shape: [6], values: [-3e4, -200, -16, 16, 200, 3e4] }],
      attrs: { low: -1.5, high: 0.75 },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [{ dtype: "i32", shape: [2] }],
      attrs: { low: -1.5, high: 0.75 },
      message: /clamp_slope to i32 values: cast them/,
    },
  ],
});
