/**
 * Log-likelihood of given tokens, without a copy of all logits to the host.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";

/** Lanes of a workgroup. */
const LANES = 64;

/**
 * `y[i] = log softmax(logits[i])[targets[i]]`: `logits` [m, v], `targets` u32
 * [m] → [m]. A target beyond the vocabulary gives −∞.
 */
export const logProb: Op<object, [logits: Tensor, targets: Tensor]> = defineOp<
  object,
  [logits: Tensor, targets: Tensor]
>({
  name: "log_prob",
  infer([logits, targets]) {
    checkFloat("log_prob", logits!);
    const { m } = bindAxes("log_prob", logits!.shape, "m v");
    bindAxes("log_prob", targets!.shape, "m", { m: m! });
    return { dtype: "f32", shape: [m!] };
  },
  cpu({ inputs: [logits, targets], types, output }) {
    const vocabulary = types[0]!.shape[1]!;
    for (let i = 0; i < output.length; i++) {
      const row = logits!.subarray(i * vocabulary, (i + 1) * vocabulary);
      let most = -Infinity, sum = 0;
      for (const value of row) most = Math.max(most, value);
      for (const value of row) sum += Math.exp(value - most);
      const target = targets![i]!;
      const value = target < vocabulary ? row[target]! : -Infinity;
      output[i] = value - most - Math.log(sum);
    }
  },
  kernels({ inputs: [logits] }) {
    const [rows, vocabulary] = logits!.type.shape as [number, number];
    return {
      kernels: [{
        name: "log_prob",
        bindings: [
          { name: "logits", of: 0, view: "scalar" },
          { name: "targets", of: 1, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: { vocabulary },
        workgroupSize: [LANES, 1, 1],
        workgroups: [rows, 1, 1],
        declarations: `var<workgroup> most: array<f32, ${LANES}>;
var<workgroup> sums: array<f32, ${LANES}>;`,
        // Each lane keeps the largest value of its share and the sum relative
        // to it; the shares are joined in a fixed order.
        body: `  let row = wid.x * p.vocabulary;
  var own: f32 = -3.4e38;
  for (var i = lid.x; i < p.vocabulary; i += ${LANES}u) {
    own = max(own, load_logits(row + i));
  }
  var sum: f32 = 0.0;
  for (var i = lid.x; i < p.vocabulary; i += ${LANES}u) {
    sum += exp(load_logits(row + i) - own);
  }
  most[lid.x] = own;
  sums[lid.x] = sum;
  workgroupBarrier();
  if (lid.x != 0u) { return; }
  var all = most[0];
  for (var i = 1u; i < ${LANES}u; i += 1u) { all = max(all, most[i]); }
  var total: f32 = 0.0;
  for (var i = 0u; i < ${LANES}u; i += 1u) { total += sums[i] * exp(most[i] - all); }
  let token = load_targets(wid.x);
  var value: f32 = -3.4e38;
  if (token < p.vocabulary) { value = load_logits(row + token); }
  store_y(wid.x, value - all - log(total));`,
      }],
    };
  },
  gradient: "none",
  cost: ([logits]) => ({
    flops: 5 * sizeOf(logits!.shape),
    bytes: 8 * sizeOf(logits!.shape),
  }),
});
