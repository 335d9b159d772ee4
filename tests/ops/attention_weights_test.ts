import { attentionWeights } from "../../ops/attention_weights.ts";
import { ATTENTION_MASK } from "../support/attention_mask.ts";
import { checkOp } from "../support/check_op.ts";

const scale = 0.4;

checkOp(attentionWeights, {
  cases: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1]], attrs: { scale } },
    { inputs: [[2, 3, 4, 5], [2, 5, 2, 5]], attrs: { scale } },
    {
      inputs: [[1, 3, 2, 3], [1, 5, 1, 3]],
      attrs: { scale, isCausal: true },
    },
    { inputs: [[2, 3, 2, 4], [2, 6, 2, 4], ATTENTION_MASK], attrs: { scale } },
    {
      inputs: [[1, 33, 3, 16], [1, 65, 3, 16]],
      attrs: { scale },
      gradient: false,
    },
  ],
  bad: [{
    inputs: [[1, 3, 3, 4], [1, 5, 2, 4]],
    attrs: { scale },
    message: /attention_weights.*3 query heads/,
  }],
});
