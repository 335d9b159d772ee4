import { layoutNamed } from "../../core/layouts/layout_named.ts";
import { embedding } from "../../ops/embedding.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(embedding, {
  cases: [
    { inputs: [[1, 1], indices([1], [0])] },
    { inputs: [[33, 31], indices([2, 3], [0, 32, 5, 5, 33, 0xffffffff])] },
    { inputs: [[17, 64], indices([4, 1], [16, 3, 0, 9])] },
  ],
  bad: [{
    inputs: [[3, 4], [2]],
    message: /embedding.*indices must be u32/,
  }],
});
