/**
 * Numbers for checks: the same each time, and of a size that neither vanishes
 * nor explodes on the way through a network.
 *
 * @module
 */

import { inMemory } from "../../core/evaluate_on.ts";
import { sizeOf } from "../../core/shape.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";

/** Even numbers in [-1, 1) that depend on `name` only. */
export function madeValues(
  name: string,
  count: number,
): Float32Array<ArrayBuffer> {
  let state = 2166136261;
  for (const letter of name) {
    state = Math.imul(state ^ letter.codePointAt(0)!, 16777619);
  }
  return new Float32Array(count).map(() => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return state / 2 ** 31;
  });
}

/**
 * A weight of a network. Vectors lie in [0.5, 1.5): they may be scales, gates
 * or variances. The rest has a variance of one over its inputs: the last axis
 * of a matrix, all but the last of a convolution.
 */
export function madeWeight(
  name: string,
  shape: readonly number[],
): StoredTensor {
  const values = madeValues(name, sizeOf(shape));
  const isVector = shape.filter((size) => size > 1).length < 2;
  const inputs = shape.length > 2
    ? sizeOf(shape) / shape.at(-1)!
    : shape.at(-1) ?? 1;
  const factor = Math.sqrt(3 / inputs);
  return inMemory(
    name,
    shape,
    values.map((value) => isVector ? 1 + value / 2 : value * factor),
  );
}
