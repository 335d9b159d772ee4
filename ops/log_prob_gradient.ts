/**
 * Gradient of log-likelihoods by the logits.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkIndices } from "./control_type.ts";
import { eachOfRow, writeRowKernel } from "./row_reduce.ts";

/**
 * `y[i, j] = grad[i] · ([j = targets[i]] − softmax(logits[i, :])[j])`, zeros
 * where the target is no token. `grad` [m], `logits` [m, v], `targets` u32
 * [m], to [m, v].
 */
export const logProbGradient: Op<
  object,
  [grad: Tensor, logits: Tensor, targets: Tensor]
> = defineOp<object, [grad: Tensor, logits: Tensor, targets: Tensor]>({
  name: "log_prob_gradient",
  infer([grad, logits, targets]) {
    const { dtype, shape } = checkFloat("log_prob_gradient", logits!);
    checkFloat("log_prob_gradient", grad!);
    const { m } = bindAxes("log_prob_gradient", shape, "m v");
    checkIndices("log_prob_gradient", targets!, 1);
    bindAxes("log_prob_gradient", targets!.shape, "m", { m: m! });
    bindAxes("log_prob_gradient", grad!.shape, "m", { m: m! });
    return { dtype, shape };
  },
  cpu({ inputs: [grad, logits, targets], types, output }) {
    const [m, v] = types[1]!.shape as [number, number];
    for (let row = 0; row < m; row++) {
      const start = row * v, target = targets![row]!;
      const factor = target < v ? grad![row]! : 0;
      let top = -Infinity, sum = 0;
      for (let i = 0; i < v; i++) top = Math.max(top, logits![start + i]!);
      for (let i = 0; i < v; i++) sum += Math.exp(logits![start + i]! - top);
      for (let i = 0; i < v; i++) {
        const chance = Math.exp(logits![start + i]! - top) / sum;
        output[start + i] = factor * ((i === target ? 1 : 0) - chance);
      }
    }
  },
  kernels({ output }) {
    return {
      kernels: [writeRowKernel({
        name: "log_prob_gradient",
        shape: output.type.shape,
        bindings: [
          { name: "grad", of: 0, view: "scalar" },
          { name: "x", of: 1, view: "scalar" },
          { name: "targets", of: 2, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        body: `  var top: f32 = -3.0e38;
${eachOfRow("    top = max(top, load_x(row + i));")}
  top = join_max(lane, top);
  var sum: f32 = 0.0;
${eachOfRow("    sum += exp(max(load_x(row + i) - top, -100.0));")}
  sum = join_sum(lane, sum);
  let target_id = load_targets(row_number);
  let factor = select(0.0, load_grad(row_number), target_id < p.width);
${
          eachOfRow(
            `    let chance = exp(max(load_x(row + i) - top, -100.0)) / sum;
    store_y(row + i, factor * (f32(i == target_id) - chance));`,
          )
        }`,
      })],
    };
  },
  gradient: "none",
  cost: ([, logits]) => ({
    flops: 5 * sizeOf(logits!.shape),
    bytes: 8 * sizeOf(logits!.shape),
  }),
});
