import { rmsNorm } from "../../ops/rms_norm.ts";
import { checkOp } from "../support/check_op.ts";

const attrs = { eps: 1e-5 };

checkOp(rmsNorm, {
  cases: [
    { inputs: [[1], [1]], attrs },
    { inputs: [[2, 3, 33], [33]], attrs },
    { inputs: [[5, 31]], attrs },
    { inputs: [[3, 576], [576]], attrs },
  ],
  keepF32: [1],
  bad: [
    { inputs: [[2, 3], [2]], attrs, message: /rms_norm.*d=3.*\[2\]/ },
    { inputs: [[2]], attrs: { eps: -1 }, message: /eps -1/ },
  ],
});
