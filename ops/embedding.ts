/**
 * Looks up rows of a table by token id.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import type { Kernel, KernelContext, KernelList } from "../core/kernel.ts";
import { rowBlocks } from "../core/layouts/layout.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { checkIndices } from "./control_type.ts";
import { embeddingGradient } from "./embedding_gradient.ts";

/**
 * `y[…, :] = weight[ids[…], :]`, zeros for ids beyond the vocabulary.
 * `weight` [v, d], which may be packed, `ids` u32 of any shape to [.., d].
 */
export const embedding: Op<object, [weight: Tensor, ids: Tensor]> = defineOp<
  object,
  [weight: Tensor, ids: Tensor]
>({
  name: "embedding",
  packs: [0],
  infer([weight, ids]) {
    const { dtype } = checkFloat("embedding", weight!);
    const { d } = bindAxes("embedding", weight!.shape, "v d");
    const shape = checkIndices("embedding", ids!, ids!.shape.length);
    return { dtype, shape: [...shape, d!] };
  },
  cpu({ inputs: [weight, ids], types, output }) {
    const [v, d] = types[0]!.shape as [number, number];
    for (let i = 0; i < output.length; i++) {
      const id = ids![Math.floor(i / d)]!;
      output[i] = id < v ? weight![id * d + i % d]! : 0;
    }
  },
  kernels(context): KernelList {
    const parts = context.inputs[0]!.parts ?? [undefined];
    return { kernels: parts.map((_, part) => lookUp(context, part)) };
  },
  gradient: ({ grad, inputs: [weight, ids] }) => [
    embeddingGradient(grad, ids, { rows: weight.shape[0]! }),
    null,
  ],
  cost: (_, output) => ({ flops: 0, bytes: 8 * sizeOf(output.shape) }),
});

/** Writes the tokens of one part; the first writes unknown tokens as well. */
function lookUp(
  { inputs: [weight, ids] }: KernelContext<object>,
  part: number,
): Kernel {
  const [v, d] = weight!.type.shape as [number, number];
  const { layout, parts } = weight!;
  const { start, end } = parts?.[part] ?? { start: 0, end: v };
  const { params, ...flat } = flatDispatch(sizeOf(ids!.type.shape) * d);
  return {
    name: "embedding",
    bindings: [
      layout === undefined
        ? { name: "weight", of: 0, view: "scalar" }
        : { name: "weight", of: 0, part, view: layout.element },
      { name: "ids", of: 1, view: "scalar" },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      ...params,
      d,
      start,
      end,
      known: part === 0 ? v : 0xffffffff,
      ...(layout === undefined ? {} : { blocks: rowBlocks(layout, d) }),
    },
    ...flat,
    ...(layout === undefined ? {} : { declarations: layout.at("weight") }),
    body: `${FLAT_INDEX}
  let token = i / p.d;
  let id = load_ids(token);
  let column = i - token * p.d;
  if (id >= p.start && id < p.end) {
    store_y(i, ${
      layout === undefined
        ? "load_weight(id * p.d + column)"
        : "weight_at(id - p.start, column, p.blocks)"
    });
  } else if (id >= p.known) {
    store_y(i, 0.0);
  }`,
  };
}
