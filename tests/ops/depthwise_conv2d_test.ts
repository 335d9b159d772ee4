import { depthwiseConv2d } from "../../ops/depthwise_conv2d.ts";
import { checkOp } from "../support/check_op.ts";

const same = { stride: 1, padding: [1, 1, 1, 1] } as const;

checkOp(depthwiseConv2d, {
  scale: "magnitudes",
  cases: [
    { inputs: [[1, 1, 1, 1], [3, 3, 1]], attrs: same },
    { inputs: [[2, 5, 5, 33], [3, 3, 33], [33]], attrs: same },
    {
      inputs: [[1, 10, 10, 8], [3, 3, 8], [8]],
      attrs: { stride: 2, padding: [0, 1, 0, 1] },
    },
    {
      inputs: [[1, 5, 17, 9], [5, 5, 9], [9]],
      attrs: { stride: 1, padding: [2, 2, 2, 2], activation: "relu6" },
    },
    {
      inputs: [[1, 7, 9, 70], [5, 5, 70]],
      attrs: { stride: 2, padding: [1, 2, 1, 2] },
    },
  ],
  keepF32: [1, 2],
  bad: [
    {
      inputs: [[1, 4, 4, 3], [3, 3, 4]],
      attrs: same,
      message: /depthwise_conv2d.*c=3.*\[3, 3, 4\]/,
    },
    {
      inputs: [[1, 4, 4, 3], [3, 3, 3]],
      attrs: { ...same, activation: "gelu" as "none" },
      message: /activation "gelu": use/,
    },
    {
      inputs: [[4, 4, 3], [3, 3, 3]],
      attrs: same,
      message: /\[b, h, w, c\].*\[4, 4, 3\]/,
    },
  ],
});
