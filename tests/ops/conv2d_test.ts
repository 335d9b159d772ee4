import { conv2d } from "../../ops/conv2d.ts";
import { checkOp } from "../support/check_op.ts";

const same = { stride: 1, padding: [1, 1, 1, 1] } as const;

checkOp(conv2d, {
  scale: "magnitudes",
  cases: [
    {
      inputs: [[1, 1, 1, 1], [1, 1, 1, 1]],
      attrs: { stride: 1, padding: [0, 0, 0, 0] },
    },
    {
      inputs: [[2, 8, 6, 3], [3, 3, 3, 32], [32]],
      attrs: { stride: 2, padding: [0, 1, 0, 1] },
    },
    { inputs: [[1, 5, 9, 5], [3, 2, 5, 7]], attrs: same },
    {
      inputs: [[1, 5, 17, 8], [3, 3, 4, 10], [10]],
      attrs: { ...same, groups: 2 },
    },
    {
      inputs: [[2, 4, 3, 6], [1, 1, 6, 70], [70]],
      attrs: {
        stride: 1,
        padding: [0, 0, 0, 0],
        activation: "relu6",
      },
    },
    {
      inputs: [[1, 8, 12, 3], [4, 4, 3, 9]],
      attrs: { stride: 4, padding: [0, 0, 0, 0] },
    },
  ],
  keepF32: [1, 2],
  bad: [
    {
      inputs: [[1, 4, 4, 3], [3, 3, 4, 8]],
      attrs: same,
      message: /conv2d.*i\/groups=3.*\[3, 3, 4, 8\]/,
    },
    {
      inputs: [[1, 4, 4, 4], [3, 3, 2, 9]],
      attrs: { ...same, groups: 2 },
      message: /2 groups to 4 channels in and 9 out/,
    },
    {
      inputs: [[1, 2, 4, 3], [3, 3, 3, 8]],
      attrs: { stride: 1, padding: [0, 0, 0, 0] },
      message: /windows 3×3.*picture 2×4/,
    },
    {
      inputs: [[1, 4, 4, 3], [3, 3, 3, 8], [7]],
      attrs: same,
      message: /conv2d.*o=8.*\[7\]/,
    },
  ],
});
