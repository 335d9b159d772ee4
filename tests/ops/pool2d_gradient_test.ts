import { pool2dGradient } from "../../ops/pool2d_gradient.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(pool2dGradient, {
  cases: [
    { inputs: [[2, 1, 1, 7], [2, 3, 5, 7]], attrs: { kind: "global" } },
    {
      inputs: [[1, 3, 4, 9], [1, 6, 7, 9]],
      attrs: { kind: "max", size: [3, 2], stride: 2, padding: [1, 1, 0, 1] },
    },
    {
      // Two pixels of each window are equally large: the first one gets all.
      inputs: [[1, 2, 2, 1], {
        shape: [1, 3, 3, 1],
        values: [1, 1, 0, 1, 0, 2, 0, 2, 2],
      }],
      attrs: { kind: "max", size: [2, 2], stride: 1, padding: [0, 0, 0, 0] },
    },
    {
      inputs: [[1, 3, 3, 5], [1, 5, 6, 5]],
      attrs: {
        kind: "average",
        size: [3, 3],
        stride: 2,
        padding: [1, 1, 0, 1],
      },
    },
  ],
  bad: [
    {
      inputs: [[1, 2, 1, 7], [1, 3, 5, 7]],
      attrs: { kind: "global" },
      message: /\[1, 2, 1, 7\]: the pooling gives \[1, 1, 1, 7\]/,
    },
  ],
});
