/**
 * Compares products with packed weights, straight and along the other axis,
 * with the CPU meaning on the values that the layout stands for.
 *
 * @module
 */

import {
  createDevice,
  type DType,
  evaluate,
  evaluateOn,
  leaf,
  type PackedLayout,
  type Tensor,
} from "../../core/mod.ts";
import { matmul } from "../../ops/matmul.ts";
import { assertClose } from "./assert_close.ts";
import { createRandom, randomValues } from "./random.ts";

/** Sizes of `x` [m, k] and the weight [n, k]. */
export interface ProductSizes {
  /** Rows of x. */
  readonly m: number;
  /** Rows of the weight. */
  readonly n: number;
  /** Columns of both. */
  readonly k: number;
}

/** Checks one size on a device that holds the weight whole, and on one that splits it. */
export async function checkPackedMatmul(
  layout: PackedLayout,
  { m, n, k }: ProductSizes,
  dtype: DType = "f32",
): Promise<void> {
  const random = createRandom(m + 100 * n + 10_000 * k);
  const x = leaf("input", "x", { dtype, shape: [m, k] });
  const g = leaf("input", "g", { dtype, shape: [m, n] });
  const w = leaf("weight", "w", { dtype: "f32", shape: [n, k] });
  const draw = (length: number, stored: DType = dtype) =>
    randomValues(random, stored, length, [-2, 2]) as Float32Array<ArrayBuffer>;
  const raw = new Uint8Array(draw(n * k, "f32").buffer);
  const packed = layout.packRows("f32", raw, n, k);
  const values = new Map<Tensor, Float32Array<ArrayBuffer>>([
    [x, draw(m * k)],
    [g, draw(m * n)],
    [w, layout.unpackRows(packed, n, k)],
  ]);
  const outputs = [matmul(x, w, { isTransposed: true }), matmul(g, w)];
  const expected = evaluate(outputs, (tensor) => values.get(tensor)!);
  const sizes = evaluate(
    outputs,
    (tensor) => values.get(tensor)!.map(Math.abs),
  );
  // 16 rows are the least that a binding must hold.
  const split = Math.max(2 * layout.tileBytes(k), 4 * m * Math.max(n, k), 256);
  for (const maxBindingBytes of [2 ** 27, split]) {
    using device = await createDevice({ maxBindingBytes });
    const leafValues = (tensor: Tensor) => values.get(tensor)!;
    const found = await evaluateOn(device, outputs, leafValues, { layout });
    found.forEach((actual, i) =>
      assertClose(`${layout.name} ${m}x${n}x${k}`, actual, expected[i]!, {
        tolerance: dtype === "f16" ? 2e-3 : 1e-5,
        scale: sizes[i]!,
      })
    );
  }
}
