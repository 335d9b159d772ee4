/**
 * Sums over axes, and its transpose, repetition along axes. Each is the
 * gradient of the other, so they share this file.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { Kernel, KernelContext } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { isSameShape, type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { checkFloat } from "./check_float.ts";
import { broadcastSteps, stridedIndex, writeStrided } from "./strided.ts";

/** Attributes of `sumTo` and `broadcastTo`. */
export interface ToShapeAttrs {
  /** Shape of the result. */
  readonly shape: Shape;
}

/**
 * Sums `x` over the axes along which `shape` would have to be repeated to
 * become `x`'s shape: [2, 3] to [3] sums rows, to [2, 1] columns.
 */
export const sumTo: Op<ToShapeAttrs, [x: Tensor]> = defineOp<
  ToShapeAttrs,
  [x: Tensor]
>({
  name: "sum_to",
  infer([x], { shape }) {
    const { dtype } = checkFloat("sum_to", x!);
    checkRepeats("sum_to", shape, x!.shape);
    return { dtype, shape };
  },
  cpu({ inputs, types, output, outputType }) {
    const x = inputs[0]!, from = types[0]!.shape;
    const steps = broadcastSteps(outputType.shape, from);
    const index = stridedIndex(from, { steps });
    const sums = new Float64Array(output.length);
    for (let i = 0; i < x.length; i++) sums[index(i)]! += x[i]!;
    output.set(sums);
  },
  kernels: (context) => ({ kernels: [sumKernel(context)] }),
  gradient: ({ grad, inputs: [x] }) => [broadcastTo(grad, { shape: x.shape })],
  cost: ([x]) => ({ flops: sizeOf(x!.shape), bytes: 4 * sizeOf(x!.shape) }),
});

/** Repeats `x` along axes of size 1 and new leading axes until it has `shape`. */
export const broadcastTo: Op<ToShapeAttrs, [x: Tensor]> = defineOp<
  ToShapeAttrs,
  [x: Tensor]
>({
  name: "broadcast_to",
  infer([x], { shape }) {
    checkRepeats("broadcast_to", x!.shape, shape);
    return { dtype: x!.dtype, shape };
  },
  cpu({ inputs, types, output, outputType: { shape } }) {
    const x = inputs[0]!;
    const steps = broadcastSteps(types[0]!.shape, shape);
    const index = stridedIndex(shape, { steps });
    for (let i = 0; i < output.length; i++) output[i] = x[index(i)]!;
  },
  kernels({ inputs: [x], output: { type: { shape } }, profile }) {
    const operands = [{ steps: broadcastSteps(x!.type.shape, shape) }];
    const value = "a";
    return {
      kernels: [writeStrided(
        { name: "broadcast_to", shape, operands, value, isVector: true },
        profile,
      )],
    };
  },
  gradient: ({ grad, inputs: [x] }) => [sumTo(grad, { shape: x.shape })],
  cost: (_, { shape }) => ({ flops: 0, bytes: 4 * sizeOf(shape) }),
});

/** `x` summed to `shape`; `x` itself where it has that shape already. */
export function reduceTo(x: Tensor, shape: Shape): Tensor {
  return isSameShape(x.shape, shape) ? x : sumTo(x, { shape });
}

/** Refuses a pair where `small` cannot be repeated to become `large`. */
function checkRepeats(op: string, small: Shape, large: Shape): void {
  const isFit = small.length <= large.length &&
    small.every((size, i) =>
      size === 1 || size === large[i + large.length - small.length]
    );
  if (isFit) return;
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} as repeating ${showShape(small)} never gives ` +
      `${showShape(large)}: sizes must be equal, 1, or missing in front`,
    { op, expected: large, actual: small },
  );
}

/**
 * One result an invocation. Terms are added with Kahan's correction: the
 * error stays that of one rounding however many terms there are.
 */
function sumKernel({ inputs, output }: KernelContext<ToShapeAttrs>): Kernel {
  const from = inputs[0]!.type.shape, shape = output.type.shape;
  const steps = broadcastSteps(shape, from);
  const params: Record<string, number> = {};
  const kept: string[] = [], opens: string[] = [], terms: string[] = [];
  let stride = sizeOf(from);
  from.forEach((size, axis) => {
    stride /= size;
    if (size === 1) return;
    params[`size${axis}`] = size;
    params[`stride${axis}`] = stride;
    if (steps[axis] === 0) {
      const n = `n${axis}`;
      opens.push(`for (var ${n} = 0u; ${n} < p.size${axis}; ${n}++) {`);
      terms.push(`${n} * p.stride${axis}`);
    } else {
      params[`step${axis}`] = steps[axis]!;
      kept.push(`i / p.step${axis} % p.size${axis} * p.stride${axis}`);
    }
  });
  const flat = flatDispatch(sizeOf(shape));
  return {
    name: "sum_to",
    bindings: [
      { name: "x", of: 0, view: "scalar" },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: { ...flat.params, ...params },
    workgroupSize: flat.workgroupSize,
    workgroups: flat.workgroups,
    body: `${FLAT_INDEX}
  let base = ${["0u", ...kept].join(" + ")};
  var sum: f32 = 0.0;
  var lost: f32 = 0.0;
  ${opens.join("\n  ")}
    let term = load_x(${["base", ...terms].join(" + ")}) - lost;
    let next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  ${opens.map(() => "}").join("\n  ")}
  store_y(i, sum);`,
  };
}
