/**
 * Whether any row has something left to do: what guards a program's runs.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";

/**
 * `live[0]` = 1 where a row is not done and its count is not 0, else 0. `live`
 * u32 [1] (donated), control rows u32 [b, words] to the new `live`.
 */
export const anyActive: Op<object, [live: Tensor, control: Tensor]> = defineOp<
  object,
  [live: Tensor, control: Tensor]
>({
  name: "any_active",
  donates: 0,
  infer([live, control]) {
    checkControl("any_active", control!);
    const [count] = checkIndices("any_active", live!, 1);
    checkSize("any_active", "the number of words", 1, count!);
    return { dtype: "u32", shape: live!.shape };
  },
  cpu({ inputs: [, control], types, output }) {
    const [rows, words] = types[1]!.shape as [number, number];
    const isActive = (row: number) =>
      control![row * words + CONTROL.done] === 0 &&
      control![row * words + CONTROL.count]! > 0;
    output[0] = Array.from({ length: rows }, (_, i) => i).some(isActive)
      ? 1
      : 0;
  },
  kernels: ({ inputs }) => {
    const [rows, words] = inputs[1]!.type.shape as [number, number];
    return {
      kernels: [{
        name: "any_active",
        bindings: [
          { name: "control", of: 1, view: "scalar" },
          { name: "live", of: "output", view: "scalar", isWritten: true },
        ],
        params: { rows, words },
        workgroupSize: [1, 1, 1],
        workgroups: [1, 1, 1],
        body: `  var isAny = false;
  for (var row = 0u; row < p.rows; row++) {
    let at = row * p.words;
    isAny = isAny || (load_control(at + ${CONTROL.done}u) == 0u &&
      load_control(at + ${CONTROL.count}u) > 0u);
  }
  store_live(0u, u32(isAny));`,
      }],
    };
  },
  gradient: "none",
  cost: ([, control]) => ({ flops: 0, bytes: 8 * control!.shape[0]! }),
});
