import { layerNormGradient } from "../../ops/layer_norm_gradient.ts";
import { checkOp } from "../support/check_op.ts";

const attrs = { eps: 1e-5 };

checkOp(layerNormGradient, {
  cases: [
    { inputs: [[2, 3, 33], [2, 3, 33]], attrs },
    { inputs: [[4, 31], [4, 31]], attrs },
    { inputs: [[2, 192], [2, 192]], attrs },
  ],
  bad: [
    {
      inputs: [[2, 3], [3, 2]],
      attrs,
      message: /layer_norm_gradient to \[2, 3\] and \[3, 2\]/,
    },
  ],
});
