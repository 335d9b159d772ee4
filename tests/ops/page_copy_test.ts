import { pageCopy } from "../../ops/page_copy.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });

checkOp(pageCopy, {
  cases: [
    { inputs: [[2, 3], indices([1], [0]), indices([1], [1])] },
    { // unused entries point beyond the cache
      inputs: [
        [7, 2, 3, 5, 16],
        indices([4], [6, 2, 0xffffffff, 1]),
        indices([4], [0, 3, 4, 0xffffffff]),
      ],
    },
  ],
  bad: [
    { inputs: [[2, 3], u32(1), u32(2)], message: /page_copy/ },
    { inputs: [[2, 3], [1], [1]], message: /page numbers must be u32/ },
  ],
});
