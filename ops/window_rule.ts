/**
 * What ops with a sliding window share: how the window moves over a picture,
 * and which sizes come out.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { type Shape, showShape } from "../core/shape.ts";

/** How a window moves over the two axes of a picture. */
export interface WindowAttrs {
  /** Pixels between neighbouring windows, along both axes. */
  readonly stride: number;
  /** Zeros around the picture, in pixels. */
  readonly padding: readonly [
    top: number,
    bottom: number,
    left: number,
    right: number,
  ];
}

/** Sizes [oh, ow] of the result of windows [kh, kw] over a picture [h, w]. */
export function windowResult(
  op: string,
  [h, w]: readonly [number, number],
  [kh, kw]: readonly [number, number],
  { stride, padding }: WindowAttrs,
): [oh: number, ow: number] {
  const [top, bottom, left, right] = padding;
  const isWhole = [stride, kh, kw].every((n) => Number.isInteger(n) && n > 0) &&
    padding.length === 4 && padding.every((n) => Number.isInteger(n) && n >= 0);
  const oh = Math.floor((h + top + bottom - kh) / stride) + 1;
  const ow = Math.floor((w + left + right - kw) / stride) + 1;
  if (isWhole && oh > 0 && ow > 0) return [oh, ow];
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} with windows ${kh}×${kw}, stride ${stride} and padding ` +
      `${showShape(padding)} to a picture ${h}×${w}: the window must fit the ` +
      "padded picture, stride must be 1 or more, padding whole and not negative",
    { op, expected: [kh, kw], actual: [h, w] },
  );
}

/** Uniforms that say how windows move. */
export function windowParams(
  x: Shape,
  y: Shape,
  { stride, padding }: WindowAttrs,
): Record<string, number> {
  return {
    h: x[1]!,
    w: x[2]!,
    out_h: y[1]!,
    out_w: y[2]!,
    stride,
    pad_top: padding[0],
    pad_left: padding[2],
  };
}

/**
 * Pixels of a row that one invocation computes, at most `most`: as many as
 * leave the fewest idle at the end of the row.
 */
export function pixelTile(width: number, most: number): number {
  const largest = Math.min(most, width);
  let best = largest;
  for (let tile = largest; 2 * tile > largest; tile--) {
    if (idleCount(width, tile) < idleCount(width, best)) best = tile;
  }
  return best;
}

/** Lanes of a workgroup for `count` neighbours: full vectors, few idle. */
export function laneCount(count: number): number {
  if (count <= 64) return Math.max(8, Math.ceil(count / 8) * 8);
  let best = 64;
  for (let lanes = 64; lanes >= 32; lanes -= 8) {
    if (idleCount(count, lanes) < idleCount(count, best)) best = lanes;
  }
  return best;
}

/** Places left over when `count` things fill groups of `size`. */
function idleCount(count: number, size: number): number {
  return Math.ceil(count / size) * size - count;
}
