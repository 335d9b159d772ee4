/**
 * Picks each row's last valid token, so that the head runs on one a row.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl, checkSize } from "./control_type.ts";
import { checkFloat } from "./elementwise.ts";

/**
 * `y[b] = x[b, count[b] − 1]`, zeros where the count is 0. `x` [b, l, d],
 * control rows u32 [b, words] to [b, d].
 */
export const selectLast: Op<object, [x: Tensor, control: Tensor]> = defineOp<
  object,
  [x: Tensor, control: Tensor]
>({
  name: "select_last",
  infer([x, control]) {
    const { dtype } = checkFloat("select_last", x!);
    const { b, d } = bindAxes("select_last", x!.shape, "b l d");
    const rows = checkControl("select_last", control!);
    checkSize("select_last", "the number of control rows", b!, rows.b);
    return { dtype, shape: [b!, d!] };
  },
  cpu({ inputs: [x, control], types, output }) {
    const [b, l, d] = types[0]!.shape as [number, number, number];
    const words = types[1]!.shape[1]!;
    for (let row = 0; row < b; row++) {
      const count = Math.min(l, control![row * words + CONTROL.count]!);
      if (count === 0) output.fill(0, row * d, (row + 1) * d);
      const from = (row * l + count - 1) * d;
      for (let i = 0; count > 0 && i < d; i++) {
        output[row * d + i] = x![from + i]!;
      }
    }
  },
  kernels({ inputs, output }) {
    const [, l, d] = inputs[0]!.type.shape as [number, number, number];
    const words = inputs[1]!.type.shape[1]!;
    const { params, ...flat } = flatDispatch(sizeOf(output.type.shape));
    return {
      kernels: [{
        name: "select_last",
        bindings: [
          { name: "x", of: 0, view: "scalar" },
          { name: "control", of: 1, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: { ...params, l, d, words },
        ...flat,
        body: `${FLAT_INDEX}
  let row = i / p.d;
  let count = min(load_control(row * p.words + ${CONTROL.count}u), p.l);
  if (count == 0u) {
    store_y(i, 0.0);
  } else {
    store_y(i, load_x((row * (p.l - 1u) + count - 1u) * p.d + i));
  }`,
      }],
    };
  },
  gradient: "none",
  cost: (_, output) => ({ flops: 0, bytes: 8 * sizeOf(output.shape) }),
});
