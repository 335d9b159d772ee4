import { conv2dInputGradient } from "../../ops/conv2d_input_gradient.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(conv2dInputGradient, {
  scale: "magnitudes",
  cases: [
    {
      inputs: [[1, 2, 2, 32], [3, 3, 3, 32]],
      attrs: { stride: 2, padding: [0, 1, 0, 1], shape: [1, 4, 4, 3] },
    },
    {
      inputs: [[1, 4, 5, 6], [3, 3, 2, 6]],
      attrs: {
        stride: 2,
        padding: [1, 1, 1, 1],
        groups: 2,
        shape: [1, 7, 9, 4],
      },
    },
  ],
  bad: [
    {
      inputs: [[1, 4, 4, 5], [3, 3, 3, 5]],
      attrs: { stride: 1, padding: [1, 1, 1, 1], shape: [1, 3, 4, 3] },
      message: /conv2d_input_gradient.*\[1, 4, 4, 5\].*gives \[1, 3, 4, 5\]/,
    },
  ],
});
