/**
 * Matrix product. The right side may be a weight in a packed layout, which
 * kernels unpack in registers.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { RookeryError } from "../core/errors.ts";
import { type CpuCall, defineOp, type Op } from "../core/op.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";
import { tiledKernels } from "./matmul/tiled_kernels.ts";
import { plainKernels } from "./matmul/plain_kernels.ts";
import { matmulSizes } from "./matmul/sizes.ts";
import { reshape } from "./reshape.ts";
import { reduceTo } from "./sum_to.ts";
import { transpose } from "./transpose.ts";

/** Attributes of `matmul`. */
export interface MatmulAttrs {
  /** The right side is given as [n, k], as weights are. Default false. */
  readonly isTransposed?: boolean;
}

/**
 * `y = a · b`: `a` [.., m, k]; `b` [k, n], or [n, k] where `isTransposed`,
 * alone or with the same leading axes as `a` → [.., m, n]. Sums are made in
 * f32 over rising k. A packed weight is the right side, [n, k].
 */
export const matmul: Op<MatmulAttrs, [a: Tensor, b: Tensor]> = defineOp<
  MatmulAttrs,
  [a: Tensor, b: Tensor]
>({
  name: "matmul",
  packs: [1],
  infer([a, b], { isTransposed = false }) {
    checkFloat("matmul", a!);
    checkFloat("matmul", b!);
    checkShapes(a!, b!, isTransposed);
    const n = b!.shape.at(isTransposed ? -2 : -1)!;
    return { dtype: a!.dtype, shape: [...a!.shape.slice(0, -1), n] };
  },
  cpu: multiply,
  kernels(context) {
    const [, b] = context.inputs;
    const isTiled = b!.type.shape.length === 2 &&
      (b!.layout === undefined || context.attrs.isTransposed === true);
    return isTiled ? tiledKernels(context) : plainKernels(context);
  },
  gradient({ grad, inputs: [a, b], attrs: { isTransposed = false } }) {
    const byA = matmul(grad, b, { isTransposed: !isTransposed });
    const [left, right] = isTransposed ? [grad, a] : [a, grad];
    const byB = matmul(swapped(flatten(left, b)), flatten(right, b));
    return [byA, reduceTo(byB, b.shape)];
  },
  cost(types, output, { isTransposed = false }) {
    const { batch, m, n, k } = matmulSizes(types, isTransposed);
    const bytes = 4 * (sizeOf(types[0]!.shape) + sizeOf(types[1]!.shape) +
      sizeOf(output.shape));
    return { flops: 2 * batch * m * n * k, bytes };
  },
});

function checkShapes(
  a: TensorType,
  b: TensorType,
  isTransposed: boolean,
): void {
  const k = b.shape.at(isTransposed ? -1 : -2);
  const leading = b.shape.slice(0, -2);
  const isFit = a.shape.length >= 1 && b.shape.length >= 2 &&
    a.shape.at(-1) === k &&
    (leading.length === 0 ||
      leading.join() === a.shape.slice(0, -2).join());
  if (isFit) return;
  const rule = isTransposed ? "[.., m, k] and [n, k]" : "[.., m, k] and [k, n]";
  throw new RookeryError(
    "shape",
    `Cannot apply matmul to ${showShape(a.shape)} and ${showShape(b.shape)}: ` +
      `they must be ${rule}, the right side alone or with the same leading axes`,
    { op: "matmul", expected: rule, actual: [a.shape, b.shape] },
  );
}

function multiply(
  { inputs, types, attrs, output }: CpuCall<MatmulAttrs>,
): void {
  const { isTransposed = false } = attrs;
  const { batch, m, n, k } = matmulSizes(types, isTransposed);
  const [a, b] = inputs as [HostArray, HostArray];
  const [stepN, stepK] = isTransposed ? [k, 1] : [1, n];
  for (let i = 0; i < batch * m; i++) {
    const from = Math.floor(i / m) * n * k;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let at = from + j * stepN;
      for (let x = i * k; x < (i + 1) * k; x++, at += stepK) {
        sum += a[x]! * b[at]!;
      }
      output[i * n + j] = sum;
    }
  }
}

/** Last two axes exchanged. */
function swapped(x: Tensor): Tensor {
  const rank = x.shape.length;
  const permutation = Array.from({ length: rank }, (_, i) => i);
  permutation.splice(rank - 2, 2, rank - 1, rank - 2);
  return transpose(x, { permutation });
}

/** All leading axes as rows, where the right side has none of its own. */
function flatten(x: Tensor, b: Tensor): Tensor {
  if (b.shape.length > 2 || x.shape.length === 2) return x;
  const width = x.shape.at(-1)!;
  return reshape(x, { shape: [sizeOf(x.shape) / width, width] });
}
