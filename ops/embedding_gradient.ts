/**
 * Gradient of a look-up: adds each token's gradient to its row of the table.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { isSameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { checkIndices } from "./control_type.ts";

/** Attributes of `embeddingGradient`. */
export interface EmbeddingGradientAttrs {
  /** Rows of the table, v. */
  readonly rows: number;
}

/**
 * `y[i, :] = Σ over tokens with id i of grad[token, :]`.
 * `grad` [.., d], `ids` u32 [..] to [v, d].
 */
export const embeddingGradient: Op<
  EmbeddingGradientAttrs,
  [grad: Tensor, ids: Tensor]
> = defineOp<EmbeddingGradientAttrs, [grad: Tensor, ids: Tensor]>({
  name: "embedding_gradient",
  infer([grad, ids], { rows }) {
    const { dtype } = checkFloat("embedding_gradient", grad!);
    const shape = checkIndices("embedding_gradient", ids!, ids!.shape.length);
    if (!isSameShape(grad!.shape.slice(0, -1), shape)) {
      throw new RookeryError(
        "shape",
        `Cannot apply embedding_gradient as ids ${
          showShape(shape)
        } must name ` +
          `each row of the gradient ${showShape(grad!.shape)}`,
        { op: "embedding_gradient", expected: shape, actual: grad!.shape },
      );
    }
    return { dtype, shape: [rows, grad!.shape.at(-1)!] };
  },
  cpu({ inputs: [grad, ids], outputType, output }) {
    const [rows, d] = outputType.shape as [number, number];
    output.fill(0);
    ids!.forEach((id, token) => {
      if (id >= rows) return;
      for (let i = 0; i < d; i++) output[id * d + i]! += grad![token * d + i]!;
    });
  },
  kernels({ inputs, output }) {
    const { params, ...flat } = flatDispatch(sizeOf(output.type.shape));
    return {
      kernels: [{
        name: "embedding_gradient",
        bindings: [
          { name: "grad", of: 0, view: "scalar" },
          { name: "ids", of: 1, view: "scalar" },
          { name: "y", of: "output", view: "scalar", isWritten: true },
        ],
        params: {
          ...params,
          d: output.type.shape[1]!,
          tokens: sizeOf(inputs[1]!.type.shape),
        },
        ...flat,
        // Every row looks at every token: no atomics, and a fixed order.
        body: `${FLAT_INDEX}
  let row = i / p.d;
  let column = i - row * p.d;
  var sum: f32 = 0.0;
  for (var token = 0u; token < p.tokens; token++) {
    if (load_ids(token) == row) { sum += load_grad(token * p.d + column); }
  }
  store_y(i, sum);`,
      }],
    };
  },
  gradient: "none",
  cost([grad], output) {
    const flops = sizeOf(grad!.shape);
    return { flops, bytes: 4 * flops + 4 * sizeOf(output.shape) };
  },
});
