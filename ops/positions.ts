/**
 * Positions of a chunk's tokens, from the control rows.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl } from "./control_type.ts";

/** Attributes of `positions`. */
export interface PositionsAttrs {
  /** Tokens of the chunk, l. */
  readonly length: number;
  /** Number of a sequence's first position; 0 by default. */
  readonly first?: number;
}

/**
 * `y[b, j] = first + position[b] + j`; control rows u32 [b, words] to u32 [b, l].
 * Past a row's valid tokens the positions go on all the same.
 */
export const positions: Op<PositionsAttrs, [control: Tensor]> = defineOp<
  PositionsAttrs,
  [control: Tensor]
>({
  name: "positions",
  infer([control], { length }) {
    const { b } = checkControl("positions", control!);
    return { dtype: "u32", shape: [b, length] };
  },
  cpu({ inputs: [control], types, attrs: { length, first = 0 }, output }) {
    const words = types[0]!.shape[1]!;
    for (let i = 0; i < output.length; i++) {
      const row = Math.floor(i / length);
      const position = control![row * words + CONTROL.position]!;
      output[i] = first + position + i % length;
    }
  },
  kernels({ inputs, output, attrs: { length, first = 0 } }) {
    const words = inputs[0]!.type.shape[1]!;
    const { params, ...flat } = flatDispatch(sizeOf(output.type.shape));
    return {
      kernels: [{
        name: "positions",
        bindings: [
          { name: "control", of: 0, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: { ...params, words, length, first },
        ...flat,
        body: `${FLAT_INDEX}
  let row = i / p.length;
  let position = load_control(row * p.words + ${CONTROL.position}u);
  store_y(i, p.first + position + i - row * p.length);`,
      }],
    };
  },
  gradient: "none",
  cost: (_, output) => ({ flops: 0, bytes: 8 * sizeOf(output.shape) }),
});
