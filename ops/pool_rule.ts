/**
 * What pooling and its derivative share: attributes, the shape rule, and the
 * walk over windows.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { bindAxes, type Shape } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";
import { type WindowAttrs, windowResult } from "./window_rule.ts";

/** Windows of a pooling. */
export interface PoolWindow extends WindowAttrs {
  /** Rows and columns of a window, in pixels. */
  readonly size: readonly [rows: number, columns: number];
}

/** Attributes of `pool2d`. */
export type Pool2dAttrs =
  | {
    /** One average for the whole picture. */
    readonly kind: "global";
  }
  | PoolWindow & {
    /** Average or largest of a window's pixels inside the picture. */
    readonly kind: "average" | "max";
  };

/** The windows that attributes stand for, over a picture [b, h, w, c]. */
export function poolWindow(x: Shape, attrs: Pool2dAttrs): PoolWindow {
  if (attrs.kind !== "global") {
    const { size, stride, padding } = attrs;
    return { size, stride, padding };
  }
  return { size: [x[1]!, x[2]!], stride: 1, padding: [0, 0, 0, 0] };
}

/** Type of the result; throws where windows do not fit. */
export function inferPool(
  op: string,
  x: TensorType,
  attrs: Pool2dAttrs,
): TensorType {
  const { dtype, shape } = checkFloat(op, x);
  const { b, h, w, c } = bindAxes(op, shape, "b h w c");
  if (!["average", "max", "global"].includes(attrs.kind)) {
    throw new RookeryError(
      "config",
      `Cannot apply ${op} of kind "${attrs.kind}": use "average", "max" or ` +
        '"global"',
      { op, expected: ["average", "max", "global"], actual: attrs.kind },
    );
  }
  const window = poolWindow(shape, attrs);
  const { size: [kh, kw], padding: [top, bottom, left, right] } = window;
  const [oh, ow] = windowResult(op, [h!, w!], [kh, kw], window);
  if (Math.max(top, bottom) < kh && Math.max(left, right) < kw) {
    return { dtype, shape: [b!, oh, ow, c!] };
  }
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} with windows ${kh}×${kw} and padding [${top}, ` +
      `${bottom}, ${left}, ${right}]: a window could lie outside the picture, ` +
      "so padding must be smaller than the window",
    { op, expected: [kh, kw], actual: window.padding },
  );
}

/** Calls `visit` with each result's flat index and those of its pixels. */
export function eachWindow(
  x: Shape,
  y: Shape,
  attrs: Pool2dAttrs,
  visit: (y: number, pixels: readonly number[]) => void,
): void {
  const { size: [kh, kw], stride, padding: [top, , left] } = poolWindow(
    x,
    attrs,
  );
  const [, h, w, channels] = x as [number, number, number, number];
  const [images, oh, ow] = y as [number, number, number, number];
  for (let at = 0; at < images * oh * ow * channels; at++) {
    const channel = at % channels, result = Math.floor(at / channels);
    const ox = result % ow, oy = Math.floor(result / ow) % oh;
    const image = Math.floor(result / (ow * oh));
    const pixels: number[] = [];
    for (let tap = 0; tap < kh * kw; tap++) {
      const iy = oy * stride + Math.floor(tap / kw) - top;
      const ix = ox * stride + tap % kw - left;
      if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
      pixels.push(((image * h + iy) * w + ix) * channels + channel);
    }
    visit(at, pixels);
  }
}
