import { place, slice } from "../../ops/slice.ts";
import { checkOp } from "../support/check_op.ts";

checkOp(slice, {
  cases: [
    { inputs: [[1]], attrs: { axis: 0, start: 0, end: 1 } },
    { inputs: [[3, 67]], attrs: { axis: 1, start: 1, end: 66 } },
    { inputs: [[3, 72]], attrs: { axis: -1, start: 4, end: 68 } },
    // Rows of whole fours that lie across the fours of the operand.
    { inputs: [[3, 70]], attrs: { axis: 1, start: 2, end: 66 } },
    { inputs: [[3, 72]], attrs: { axis: 1, start: 2, end: 66 } },
    { inputs: [[3, 70]], attrs: { axis: 1, start: 4, end: 68 } },
    { inputs: [[3, 72]], attrs: { axis: 1, start: 4, end: 70 } },
    { inputs: [[5, 4, 36]], attrs: { axis: 1, start: 1, end: 3 } },
    { inputs: [[5, 4, 3]], attrs: { axis: 0, start: 4, end: 5 } },
    {
      inputs: [{ dtype: "u32", shape: [9], range: [0, 99] }],
      attrs: { axis: 0, start: 2, end: 7 },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [[2, 3]],
      attrs: { axis: 1, start: 1, end: 4 },
      message: /slice.*range 1 to 4.*axis of 3/,
    },
    {
      inputs: [[2, 3]],
      attrs: { axis: 1, start: 2, end: 2 },
      message: /range 2 to 2/,
    },
    {
      inputs: [[2, 3]],
      attrs: { axis: -3, start: 0, end: 1 },
      message: /axis -3/,
    },
  ],
});

checkOp(place, {
  cases: [
    { inputs: [[1]], attrs: { axis: 0, start: 0, size: 1 } },
    { inputs: [[3, 65]], attrs: { axis: 1, start: 1, size: 67 } },
    { inputs: [[3, 64]], attrs: { axis: -1, start: 4, size: 72 } },
    { inputs: [[5, 2, 36]], attrs: { axis: 1, start: 1, size: 4 } },
    {
      inputs: [{ dtype: "i32", shape: [8] }],
      attrs: { axis: 0, start: 4, size: 16 },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [[2, 3]],
      attrs: { axis: 1, start: 1, size: 3 },
      message: /place.*range 1 to 4.*axis of 3/,
    },
  ],
});
