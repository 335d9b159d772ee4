/**
 * Hands a field of the control rows to ops that take plain values.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl } from "./control_type.ts";

/** Attributes of `readControl`. */
export interface ReadControlAttrs {
  /** Name of the field, e.g. `"token"`. */
  readonly field: "token" | "position" | "count" | "media" | "done" | "drawn";
}

/** `y[b, 0] = control[b, field]`; control rows u32 [b, words] to u32 [b, 1]. */
export const readControl: Op<ReadControlAttrs, [control: Tensor]> = defineOp<
  ReadControlAttrs,
  [control: Tensor]
>({
  name: "read_control",
  infer([control]) {
    const { b } = checkControl("read_control", control!);
    return { dtype: "u32", shape: [b, 1] };
  },
  cpu({ inputs: [control], types, attrs, output }) {
    const words = types[0]!.shape[1]!;
    for (let row = 0; row < output.length; row++) {
      output[row] = control![row * words + CONTROL[attrs.field]]!;
    }
  },
  kernels({ inputs, output, attrs }) {
    const words = inputs[0]!.type.shape[1]!;
    const { params, ...flat } = flatDispatch(sizeOf(output.type.shape));
    return {
      kernels: [{
        name: "read_control",
        bindings: [
          { name: "control", of: 0, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: { ...params, words, field: CONTROL[attrs.field] },
        ...flat,
        body: `${FLAT_INDEX}
  store_y(i, load_control(i * p.words + p.field));`,
      }],
    };
  },
  gradient: "none",
  cost: (_, output) => ({ flops: 0, bytes: 8 * sizeOf(output.shape) }),
});
