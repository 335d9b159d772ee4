/**
 * Pictures as patches: the convolution of vision transformers whose windows do
 * not overlap.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { matmul } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { transpose } from "../../ops/transpose.ts";

/** How pictures are cut. */
export interface PatchOptions {
  /** Side of a patch, in pixels; a rest of the picture is not seen. */
  readonly patchPx: number;
  /** Width of the result, d. */
  readonly width: number;
  /** Whether a `bias` [d] is added. */
  readonly hasBias?: boolean;
}

/**
 * One product over unfolded patches: `pixels` [b, c, px, px], `weight`
 * [d, c, p, p] → [b, n, d], row by row.
 */
export function embedPatches(
  scope: WeightScope,
  pixels: Tensor,
  { patchPx: p, width, hasBias = false }: PatchOptions,
): Tensor {
  const [batch, c, px] = pixels.shape as [number, number, number];
  const side = patchSide(px, p), end = side * p;
  let x = pixels;
  if (end < px) {
    x = slice(slice(x, { axis: 2, start: 0, end }), { axis: 3, start: 0, end });
  }
  x = reshape(x, { shape: [batch, c, side, p, side, p] });
  x = transpose(x, { permutation: [0, 2, 4, 1, 3, 5] });
  const inner = c * p * p;
  x = reshape(x, { shape: [batch, side * side, inner] });
  // In the checkpoint's shape, so that no format needs a weight of its own.
  const kernel = scope.weight("weight", [width, c, p, p]);
  const flat = reshape(kernel, { shape: [width, inner] });
  const y = matmul(x, flat, { isTransposed: true });
  return hasBias ? add(y, scope.weight("bias", [width])) : y;
}

/** Patches along each side of a picture. */
export function patchSide(px: number, patchPx: number): number {
  return Math.floor(px / patchPx);
}
