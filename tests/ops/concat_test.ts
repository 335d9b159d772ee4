import { concat } from "../../ops/concat.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(concat, {
  cases: [
    { inputs: [[1], [1]], attrs: { axis: 0 } },
    { inputs: [[2, 3, 5], [2, 1, 5]], attrs: { axis: 1 } },
    { inputs: [[3, 64], [3, 32], [3, 4]], attrs: { axis: -1 } },
    { inputs: [[3, 33], [3, 31]], attrs: { axis: 1 } },
    { inputs: [[2, 9, 36], [2, 4, 36]], attrs: { axis: 1 } },
    {
      inputs: [{ dtype: "i32", shape: [2, 3] }, {
        dtype: "i32",
        shape: [1, 3],
      }],
      attrs: { axis: 0 },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [[2, 3], [2, 4]],
      attrs: { axis: 0 },
      message: /concat along axis 0 to f32 \[2, 3\] and f32 \[2, 4\]/,
    },
    {
      inputs: [[2], { dtype: "i32", shape: [2] }],
      attrs: { axis: 0 },
      message: /f32 \[2\] and i32 \[2\]/,
    },
    { inputs: [[2], [2]], attrs: { axis: 1 }, message: /axis 1.*-1 to 0/ },
    { inputs: [[2]], attrs: { axis: 0 }, message: /give two or more/ },
  ],
});
