import { cast } from "../../ops/cast.ts";
import { checkOp } from "../support/check_op.ts";

const EDGES = [-3e9, -7.5, -0.9, 0, 0.9, 7.5, 2147483520, 2147483648, 5e9];

checkOp(cast, {
  cases: [
    { inputs: [[1]], attrs: { dtype: "f32" } },
    { inputs: [[3, 5]], attrs: { dtype: "f16" }, gradient: false },
    {
      inputs: [{ shape: [9], values: EDGES }],
      attrs: { dtype: "i32" },
      gradient: false,
      f16: false,
    },
    {
      inputs: [{ shape: [9], values: EDGES }],
      attrs: { dtype: "u32" },
      gradient: false,
      f16: false,
    },
    {
      inputs: [{ dtype: "i32", shape: [4], values: [-9, 0, 1, 2 ** 31 - 1] }],
      attrs: { dtype: "u32" },
      gradient: false,
    },
    {
      inputs: [{ dtype: "i32", shape: [70], range: [-99, 99] }],
      attrs: { dtype: "f32" },
      gradient: false,
    },
  ],
  bad: [
    {
      inputs: [[2]],
      attrs: { dtype: "f64" as "f32" },
      message: /cast to "f64": use "f32"/,
    },
  ],
});
