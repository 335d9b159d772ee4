/**
 * Small compositions that several architectures share.
 *
 * @module
 */

import type { Shape } from "../core/shape.ts";
import type { WeightScope } from "../core/template.ts";
import { Tensor } from "../core/tensor.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { matmul } from "../ops/matmul.ts";
import { reshape } from "../ops/reshape.ts";

/** Options of `linear`. */
export interface LinearOptions {
  /** Width of the result, n. */
  readonly outputs: number;
  /** Whether a `bias` [n] is added. */
  readonly hasBias?: boolean;
}

/** `y = x · weightᵀ (+ bias)`: `x` [.., k], `weight` [n, k] → [.., n]. */
export function linear(
  scope: WeightScope,
  x: Tensor,
  options: LinearOptions,
): Tensor {
  const inputs = x.shape.at(-1)!;
  const weight = scope.weight("weight", [options.outputs, inputs]);
  const y = matmul(x, weight, { isTransposed: true });
  if (!options.hasBias) return y;
  return add(y, scope.weight("bias", [options.outputs]));
}

/** Layer norm over the last axis with `weight` and `bias` of `scope`. */
export function norm(scope: WeightScope, x: Tensor, eps: number): Tensor {
  const width = x.shape.at(-1)!;
  const weight = scope.weight("weight", [width]);
  return layerNorm(x, weight, scope.weight("bias", [width]), { eps });
}

/** Splits the last axis into heads: [b, l, h·k] → [b, l, h, k]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const width = x.shape.at(-1)!;
  return reshape(x, { shape: [...x.shape.slice(0, -1), heads, width / heads] });
}

/** Joins heads: [b, l, h, k] → [b, l, h·k]. */
export function joinHeads(x: Tensor): Tensor {
  const [heads, headDim] = x.shape.slice(-2) as [number, number];
  return reshape(x, { shape: [...x.shape.slice(0, -2), heads * headDim] });
}

/** A value in the number type of another, as concatenation wants them. */
export function asTypeOf(x: Tensor, { dtype }: Tensor): Tensor {
  return x.dtype === dtype ? x : cast(x, { dtype });
}

/** Gives a value a name by which taps find it. */
export function named(x: Tensor, name: string): Tensor {
  return new Tensor(
    { dtype: x.dtype, shape: x.shape as Shape },
    x.source,
    name,
  );
}
