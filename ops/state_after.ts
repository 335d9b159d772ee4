/**
 * The value of a state after an op that writes it beside its result.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import type { Tensor } from "../core/tensor.ts";

/**
 * `state` as `result`'s op left it; the same memory, no kernel. Results of ops
 * with `writes` say nothing of the state, so a graph names it by this.
 */
export const stateAfter: Op<object, [state: Tensor, result: Tensor]> = defineOp<
  object,
  [state: Tensor, result: Tensor]
>({
  name: "state_after",
  isView: true,
  infer: ([state]) => ({ dtype: state!.dtype, shape: state!.shape }),
  cpu({ inputs: [state], output }) {
    output.set(state!);
  },
  kernels: () => ({ kernels: [] }),
  gradient: "none",
  cost: () => ({ flops: 0, bytes: 0 }),
});
