import { layerNorm } from "../../ops/layer_norm.ts";
import { checkOp } from "../support/check_op.ts";

const attrs = { eps: 1e-5 };

checkOp(layerNorm, {
  cases: [
    { inputs: [[2, 3, 33], [33], [33]], attrs },
    { inputs: [[5, 31], [31]], attrs },
    { inputs: [[3, 65]], attrs },
    { inputs: [[2, 4]], attrs },
    { inputs: [[3, 576], [576], [576]], attrs },
    // A mean far larger than the spread: E[x²] − E[x]² would lose it.
    {
      inputs: [{ shape: [4, 100], range: [1e4, 1e4 + 1] }],
      attrs,
      gradient: false,
      f16: false,
    },
  ],
  keepF32: [1, 2],
  bad: [
    { inputs: [[2, 3], [3], [2]], attrs, message: /layer_norm.*\[2\]/ },
    { inputs: [[3], [3], [3], [3]], attrs, message: /to 4 operands/ },
    { inputs: [[]], attrs, message: /give \[.., d\]/ },
  ],
});
