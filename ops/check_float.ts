/**
 * The dtype rule of most ops.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { TensorType } from "../core/tensor.ts";

/** Refuses integer operands; returns the type itself. */
export function checkFloat(op: string, type: TensorType): TensorType {
  if (type.dtype === "f32" || type.dtype === "f16") return type;
  throw new RookeryError(
    "dtype",
    `Cannot apply ${op} to ${type.dtype} values: cast them to f32 or f16 first`,
    { op, expected: "f32 or f16", actual: type.dtype },
  );
}
