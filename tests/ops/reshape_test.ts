import { reshape } from "../../ops/reshape.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(reshape, {
  cases: [
    { inputs: [[1]], attrs: { shape: [] } },
    { inputs: [[3, 4]], attrs: { shape: [2, -1] } },
    { inputs: [[5, 7]], attrs: { shape: [35] } },
  ],
  bad: [
    {
      inputs: [[2, 3]],
      attrs: { shape: [4] },
      message: /reshape to \[2, 3\] as \[4\] does not hold 6 elements/,
    },
    { inputs: [[2, 3]], attrs: { shape: [-1, -1] }, message: /\[-1, -1\]/ },
    { inputs: [[2, 3]], attrs: { shape: [4, -1] }, message: /\[4, -1\]/ },
  ],
});
