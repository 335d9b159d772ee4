/**
 * Sizes of a matrix product.
 *
 * @module
 */

import { sizeOf } from "../../core/shape.ts";
import type { TensorType } from "../../core/tensor.ts";

/** Sizes of a product of `batch` pairs [m, k] and [k, n]. */
export interface MatmulSizes {
  /** Right sides; 1 where one serves all rows. */
  readonly batch: number;
  /** Rows of the left side for each right side. */
  readonly m: number;
  /** Columns of the result. */
  readonly n: number;
  /** Length of the sums. */
  readonly k: number;
}

/** Sizes of operands that fit. */
export function matmulSizes(
  types: readonly TensorType[],
  isTransposed: boolean,
): MatmulSizes {
  const [a, b] = types as [TensorType, TensorType];
  const k = a.shape.at(-1)!;
  const n = b.shape.at(isTransposed ? -2 : -1)!;
  const batch = sizeOf(b.shape.slice(0, -2));
  return { batch, m: sizeOf(a.shape) / k / batch, n, k };
}
