/**
 * Log-likelihoods of given tokens, which ranking and training need.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkIndices } from "./control_type.ts";
import { logProbGradient } from "./log_prob_gradient.ts";
import { eachOfRow, writeRowKernel } from "./row_reduce.ts";

/**
 * `y[i] = logits[i, targets[i]] − log Σ exp(logits[i, :])`, and 0 where the
 * target is no token, such as 0xffffffff. `logits` [m, v], `targets` u32 [m],
 * to f32 [m].
 */
export const logProb: Op<object, [logits: Tensor, targets: Tensor]> = defineOp<
  object,
  [logits: Tensor, targets: Tensor]
>({
  name: "log_prob",
  infer([logits, targets]) {
    checkFloat("log_prob", logits!);
    const { m } = bindAxes("log_prob", logits!.shape, "m v");
    checkIndices("log_prob", targets!, 1);
    bindAxes("log_prob", targets!.shape, "m", { m: m! });
    return { dtype: "f32", shape: [m!] };
  },
  cpu({ inputs: [logits, targets], types, output }) {
    const [m, v] = types[0]!.shape as [number, number];
    for (let row = 0; row < m; row++) {
      const target = targets![row]!;
      let top = -Infinity, sum = 0;
      for (let i = 0; i < v; i++) top = Math.max(top, logits![row * v + i]!);
      for (let i = 0; i < v; i++) sum += Math.exp(logits![row * v + i]! - top);
      output[row] = target < v
        ? logits![row * v + target]! - top - Math.log(sum)
        : 0;
    }
  },
  kernels({ inputs }) {
    return {
      kernels: [writeRowKernel({
        name: "log_prob",
        shape: inputs[0]!.type.shape,
        bindings: [
          { name: "x", of: 0, view: "scalar" },
          { name: "targets", of: 1, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        body: `  var top: f32 = -3.0e38;
${eachOfRow("    top = max(top, load_x(row + i));")}
  top = join_max(lane, top);
  var sum: f32 = 0.0;
${eachOfRow("    sum += exp(max(load_x(row + i) - top, -100.0));")}
  sum = join_sum(lane, sum);
  if (lane == 0u) {
    let target_id = load_targets(row_number);
    let x = load_x(row + min(target_id, p.width - 1u));
    store_y(row_number, select(0.0, x - top - log(sum), target_id < p.width));
  }`,
      })],
    };
  },
  gradient: ({ grad, inputs: [logits, targets] }) => [
    logProbGradient(grad, logits, targets),
    null,
  ],
  cost: ([logits]) => ({
    flops: 3 * sizeOf(logits!.shape),
    bytes: 4 * sizeOf(logits!.shape),
  }),
});
