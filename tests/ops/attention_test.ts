import { attention } from "../../ops/attention.ts";
import { checkOp } from "../support/check_op.ts";
import { ATTENTION_MASK } from "../support/attention_mask.ts";

const scale = 0.4;

checkOp(attention, {
  cases: [
    // Heads that fill the lanes: four elements at a time.
    {
      inputs: [[1, 5, 4, 64], [1, 67, 2, 64], [1, 67, 2, 64]],
      attrs: { scale: 0.125 },
      gradient: false,
    },
    {
      inputs: [[2, 9, 2, 32], [2, 9, 1, 32], [2, 9, 1, 32]],
      attrs: { scale: 0.2, isCausal: true },
      gradient: false,
    },
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]], attrs: { scale } },
    { inputs: [[2, 3, 4, 5], [2, 5, 2, 5], [2, 5, 2, 5]], attrs: { scale } },
    {
      inputs: [[1, 3, 2, 3], [1, 5, 1, 3], [1, 5, 1, 3]],
      attrs: { scale, isCausal: true },
    },
    {
      inputs: [[1, 5, 2, 3], [1, 2, 1, 3], [1, 2, 1, 3]],
      attrs: { scale, isCausal: true },
    },
    {
      inputs: [[2, 3, 2, 4], [2, 6, 2, 4], [2, 6, 2, 4], ATTENTION_MASK],
      attrs: { scale },
    },
    {
      inputs: [[1, 65, 3, 16], [1, 129, 3, 16], [1, 129, 3, 16]],
      attrs: { scale },
      gradient: false,
    },
    {
      inputs: [[1, 33, 2, 80], [1, 33, 2, 80], [1, 33, 2, 80]],
      attrs: { scale: 0.1, isCausal: true },
      gradient: false,
    },
  ],
  bad: [{
    inputs: [[1, 3, 3, 4], [1, 5, 2, 4], [1, 5, 2, 4]],
    attrs: { scale },
    message: /attention.*3 query heads cannot share 2/,
  }, {
    inputs: [[1, 3, 2, 4], [1, 5, 2, 4], [1, 4, 2, 4]],
    attrs: { scale },
    message: /attention.*s=5.*\[1, 4, 2, 4\]/,
  }, {
    inputs: [[1, 3, 2, 4], [1, 5, 2, 4], [1, 5, 2, 4], [1, 3, 5]],
    attrs: { scale },
    message: /attention.*u32/,
  }],
});
