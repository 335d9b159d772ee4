import { mediaWrite } from "../../ops/media_write.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(mediaWrite, {
  cases: [
    {
      inputs: [
        [1, 2, 1, 1, 4],
        [1, 4, 1, 1],
        [1, 4, 1, 1],
        indices([1], [0]),
      ],
    },
    {
      inputs: [
        [4, 2, 3, 5, 12],
        [3, 12, 3, 5],
        [3, 12, 3, 5],
        indices([3], [3, 0xffffffff, 0]),
      ],
    },
    {
      inputs: [
        [4, 2, 3, 5, 12],
        [2, 9, 3, 5],
        [2, 9, 3, 5],
        indices([2], [1, 3]),
      ],
    },
    {
      inputs: [
        [2, 2, 1, 3, 4],
        [1, 1, 1, 3],
        [1, 1, 1, 3],
        indices([1], [1]),
      ],
    },
  ],
  bad: [{
    inputs: [
      [4, 2, 3, 5, 10],
      [3, 10, 3, 5],
      [3, 10, 3, 5],
      { dtype: "u32", shape: [3] },
    ],
    message: /media_write.*slots a multiple of 4/,
  }, {
    inputs: [
      [4, 2, 3, 5, 8],
      [3, 8, 3, 5],
      [3, 8, 3, 5],
      { dtype: "u32", shape: [2] },
    ],
    message: /media_write.*number of slots must be 3: it is 2/,
  }, {
    inputs: [
      [4, 2, 3, 5, 12],
      [3, 8, 3, 5],
      [3, 8, 3, 5],
      { dtype: "u32", shape: [3] },
    ],
    message: /media_write.*the slots of a page must be 8: it is 12/,
  }],
});
