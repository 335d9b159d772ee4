import { gelu } from "../../ops/gelu.ts";
import type { GeluAttrs } from "../../ops/gelu_form.ts";
import { checkOp } from "../support/check_op.ts";

const FORMS: readonly GeluAttrs[] = [
  { approximate: "none" },
  { approximate: "tanh" },
];

checkOp(gelu, {
  cases: FORMS.flatMap((attrs) => [
    { inputs: [[1]], attrs },
    { inputs: [[3, 21]], attrs },
    { inputs: [{ shape: [4, 66], range: [-9, 9] as const }], attrs },
    {
      inputs: [{ shape: [6], values: [-3e4, -200, -16, 16, 200, 3e4] }],
      attrs,
      gradient: false,
    },
  ]),
  bad: [
    {
      inputs: [{ dtype: "u32", shape: [2] }],
      attrs: { approximate: "none" },
      message: /gelu to u32 values: cast them/,
    },
    {
      inputs: [[2]],
      attrs: { approximate: "sigmoid" as "none" },
      message: /approximate "sigmoid": use "none"/,
    },
  ],
});
