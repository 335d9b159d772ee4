/**
 * Shape rules that ops over control rows and index tables share. Not an op.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { CONTROL } from "./control_row.ts";

/** Refuses values that are not u32 of the given rank; returns the sizes. */
export function checkIndices(
  op: string,
  type: TensorType,
  rank: number,
): readonly number[] {
  if (type.dtype === "u32" && type.shape.length === rank) return type.shape;
  throw new RookeryError(
    type.dtype === "u32" ? "shape" : "dtype",
    `Cannot apply ${op} as indices must be u32 with ${rank} axes: they are ` +
      `${type.dtype} ${showShape(type.shape)}`,
    { op, expected: `u32, ${rank} axes`, actual: type.shape },
  );
}

/** Refuses what is no control rows u32 [b, words]; returns the sizes. */
export function checkControl(
  op: string,
  type: TensorType,
): { readonly b: number; readonly words: number } {
  const [b = 0, words = 0] = checkIndices(op, type, 2);
  if (words >= CONTROL.seen) return { b, words };
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} to control rows of ${words} words: make them with ` +
      "controlWidth() words",
    { op, expected: CONTROL.seen, actual: words },
  );
}

/** Refuses two sizes that must be the same, by a rule in words. */
export function checkSize(
  op: string,
  rule: string,
  expected: number,
  actual: number,
): void {
  if (expected === actual) return;
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} as ${rule} must be ${expected}: it is ${actual}`,
    { op, expected, actual },
  );
}
