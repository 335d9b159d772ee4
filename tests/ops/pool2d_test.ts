import { pool2d } from "../../ops/pool2d.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(pool2d, {
  cases: [
    { inputs: [[1, 1, 1, 1]], attrs: { kind: "global" } },
    { inputs: [[2, 5, 5, 70]], attrs: { kind: "global" } },
    {
      inputs: [[2, 6, 7, 9]],
      attrs: { kind: "max", size: [3, 2], stride: 2, padding: [1, 1, 0, 1] },
    },
    {
      inputs: [[1, 5, 6, 33]],
      attrs: {
        kind: "average",
        size: [3, 3],
        stride: 2,
        padding: [0, 1, 1, 1],
      },
    },
  ],
  bad: [
    {
      inputs: [[1, 4, 4, 3]],
      attrs: { kind: "max", size: [2, 2], stride: 1, padding: [2, 0, 0, 0] },
      message: /padding must be smaller than the window/,
    },
    {
      inputs: [[1, 4, 4, 3]],
      attrs: { kind: "median" as "global" },
      message: /kind "median": use "average"/,
    },
    { inputs: [[4, 3]], attrs: { kind: "global" }, message: /\[4, 3\]/ },
  ],
});
