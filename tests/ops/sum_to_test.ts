import { broadcastTo, sumTo } from "../../ops/sum_to.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(sumTo, {
  scale: "magnitudes",
  cases: [
    { inputs: [[1]], attrs: { shape: [] } },
    { inputs: [[3, 4]], attrs: { shape: [3, 4] } },
    { inputs: [[7, 65]], attrs: { shape: [65] } },
    { inputs: [[7, 65]], attrs: { shape: [7, 1] } },
    { inputs: [[2, 3, 5, 4]], attrs: { shape: [3, 1, 4] } },
    { inputs: [[2, 3, 5, 4]], attrs: { shape: [2, 1, 5, 1] } },
    // Same signs: rounding errors of a plain sum would add up.
    { inputs: [{ shape: [3000], range: [0.9, 1] }], attrs: { shape: [1] } },
  ],
  bad: [
    { inputs: [[4, 3]], attrs: { shape: [4] }, message: /repeating \[4\]/ },
    { inputs: [[3]], attrs: { shape: [1, 3] }, message: /repeating \[1, 3\]/ },
  ],
});

checkOp(broadcastTo, {
  cases: [
    { inputs: [[]], attrs: { shape: [3, 2] } },
    { inputs: [[65]], attrs: { shape: [3, 65] } },
    { inputs: [[7, 1]], attrs: { shape: [7, 64] } },
    { inputs: [[2, 1, 5, 1]], attrs: { shape: [2, 3, 5, 4] } },
    {
      inputs: [{ dtype: "i32", shape: [1, 8] }],
      attrs: { shape: [2, 8] },
      gradient: false,
    },
  ],
  bad: [
    { inputs: [[4]], attrs: { shape: [4, 3] }, message: /repeating \[4\]/ },
  ],
});
