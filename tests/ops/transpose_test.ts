import { transpose } from "../../ops/transpose.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(transpose, {
  cases: [
    { inputs: [[1]], attrs: { permutation: [0] } },
    { inputs: [[17, 33]], attrs: { permutation: [1, 0] } },
    { inputs: [[2, 5, 3, 64]], attrs: { permutation: [0, 2, 1, 3] } },
    { inputs: [[2, 5, 3, 7]], attrs: { permutation: [0, 2, 3, 1] } },
    { inputs: [[4, 8, 8]], attrs: { permutation: [2, 0, 1] } },
    {
      inputs: [{ dtype: "i32", shape: [3, 5], range: [-99, 99] }],
      attrs: { permutation: [1, 0] },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [[2, 3]],
      attrs: { permutation: [0, 0] },
      message: /permutation \[0, 0\] to \[2, 3\]/,
    },
    { inputs: [[2, 3]], attrs: { permutation: [0] }, message: /2 axes once/ },
  ],
});
