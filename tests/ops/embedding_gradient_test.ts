import { embeddingGradient } from "../../ops/embedding_gradient.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(embeddingGradient, {
  cases: [
    { inputs: [[1, 1], indices([1], [0])], attrs: { rows: 1 } },
    {
      inputs: [[2, 3, 33], indices([2, 3], [4, 0, 4, 9, 4, 1])],
      attrs: { rows: 7 },
    },
  ],
  bad: [{
    inputs: [[2, 3, 4], { dtype: "u32", shape: [3] }],
    attrs: { rows: 7 },
    message: /embedding_gradient.*each row/,
  }],
});
