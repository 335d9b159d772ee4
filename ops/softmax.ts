/**
 * Softmax over the last axis.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { add } from "./add.ts";
import { checkFloat } from "./check_float.ts";
import { mul } from "./mul.ts";
import { eachOfRow, rowView, writeRowKernel } from "./row_reduce.ts";
import { scalar } from "./scalar.ts";
import { sumTo } from "./sum_to.ts";

/**
 * `y = exp(x − max(x)) / Σ exp(x − max(x))` over the last axis, `x` [.., d].
 * A row of nothing but −∞ (everything masked) becomes zeros, not NaN.
 */
export const softmax: Op<object, [x: Tensor]> = defineOp<object, [x: Tensor]>({
  name: "softmax",
  infer([x]) {
    const { dtype, shape } = checkFloat("softmax", x!);
    if (shape.length > 0) return { dtype, shape };
    throw new RookeryError(
      "shape",
      "Cannot apply softmax to a single number: its shape must be [.., d]",
      { op: "softmax", actual: shape },
    );
  },
  cpu({ inputs: [x], types, output }) {
    const width = types[0]!.shape.at(-1)!;
    for (let row = 0; row < output.length; row += width) {
      let most = -Infinity, sum = 0;
      for (let i = row; i < row + width; i++) most = Math.max(most, x![i]!);
      if (most === -Infinity) {
        output.fill(0, row, row + width);
        continue;
      }
      for (let i = row; i < row + width; i++) sum += Math.exp(x![i]! - most);
      for (let i = row; i < row + width; i++) {
        output[i] = Math.exp(x![i]! - most) / sum;
      }
    }
  },
  kernels: ({ output, profile }) => ({
    kernels: [writeRowKernel({
      name: "softmax",
      shape: output.type.shape,
      view: rowView(output.type.shape),
      bindings: [
        { name: "x", of: 0, view: rowView(output.type.shape) },
        {
          name: "y",
          of: "output",
          view: rowView(output.type.shape),
          isWritten: true,
        },
      ],
      // The start is the lowest finite number, so differences are never
      // ∞ − ∞; masked elements are cut to an exact 0.
      body: `  var most = V(-3.4028234e38);
${eachOfRow("    most = max(most, load_x(row + i));")}
  let top = join_max(lane, max_of(most));
  var sum = V();
${
        eachOfRow(`    let d = load_x(row + i) - top;
    sum += select(V(), exp(max(d, V(-100.0))), d > V(-100.0));`)
      }
  let total = join_sum(lane, sum_of(sum));
  let factor = select(0.0, 1.0 / total, total > 0.0);
${
        eachOfRow(`    let d = load_x(row + i) - top;
    let e = select(V(), exp(max(d, V(-100.0))), d > V(-100.0));
    store_y(row + i, e * factor);`)
      }`,
    }, profile)],
  }),
  gradient({ grad, output }) {
    const product = mul(output, grad);
    const sum = sumTo(product, { shape: [...output.shape.slice(0, -1), 1] });
    return [add(product, mul(mul(output, sum), scalar(-1)))];
  },
  cost: ([x]) => ({
    flops: 5 * sizeOf(x!.shape),
    bytes: 8 * sizeOf(x!.shape),
  }),
});
