import { controlWidth } from "../../ops/control_row.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { checkOp } from "../support/check_op.ts";
import {
  controlOperand,
  indices,
  scrambledTable,
} from "../support/control_rows.ts";

const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });

checkOp(kvWrite, {
  cases: [
    {
      inputs: [
        [1, 2, 1, 1, 16],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
        controlOperand([{ position: 15, count: 1 }]),
        indices([1, 1], [0]),
      ],
    },
    { // rows of different length: across a page, short, idle, beyond the table
      inputs: [
        [12, 2, 3, 5, 16],
        [4, 19, 3, 5],
        [4, 19, 3, 5],
        controlOperand([
          { position: 14, count: 19 },
          { position: 0, count: 2 },
          { position: 3, count: 0 },
          { position: 40, count: 19 },
        ]),
        scrambledTable(4, 3),
      ],
    },
    { // a page that is not in the cache is left out
      inputs: [
        [2, 2, 2, 4, 16],
        [1, 20, 2, 4],
        [1, 20, 2, 4],
        controlOperand([{ position: 0, count: 20 }]),
        indices([1, 2], [0xffffffff, 1]),
      ],
    },
  ],
  bad: [{
    inputs: [
      [2, 2, 1, 4, 8],
      [1, 1, 1, 4],
      [1, 1, 1, 4],
      u32(1, controlWidth(32)),
      u32(1, 2),
    ],
    message: /kv_write.*slots of a page must be 16: it is 8/,
  }, {
    inputs: [
      [2, 2, 1, 4, 16],
      [2, 1, 1, 4],
      [2, 1, 1, 4],
      u32(1, controlWidth(32)),
      u32(2, 2),
    ],
    message: /kv_write.*control rows must be 2: it is 1/,
  }],
});
