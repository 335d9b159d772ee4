import { div } from "../../ops/div.ts";
import { checkOp } from "../support/check_op.ts";

const awayFromZero = (...shape: number[]) => ({
  shape,
  range: [0.5, 2] as const,
});

checkOp(div, {
  cases: [
    { inputs: [[1], awayFromZero(1)] },
    { inputs: [[2, 3, 4], awayFromZero(2, 3, 4)] },
    { inputs: [[3, 65], awayFromZero(65)] },
    { inputs: [[7, 1], awayFromZero(3, 1, 5)] },
  ],
  bad: [{ inputs: [[2, 3], [3, 2]], message: /div.*\[2, 3\] and \[3, 2\]/ }],
});
