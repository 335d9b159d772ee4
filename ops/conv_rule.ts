/**
 * What convolutions and their derivatives share: attributes, the shape rule,
 * and the walk over all products of the sum.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { bindAxes, type Shape } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";
import { clampSlope } from "./clamp_slope.ts";
import { mul } from "./mul.ts";
import { type WindowAttrs, windowResult } from "./window_rule.ts";

/** What a convolution may do to its sums at once, to save a pass. */
export interface ActivationAttrs {
  /** `relu6` cuts results to [0, 6]; `none` by default. */
  readonly activation?: "none" | "relu6";
}

/** A convolution's way over a picture. */
export interface ConvWindow extends WindowAttrs {
  /**
   * Groups that channels are split into; a result reads only the channels of
   * its group. 1 by default.
   */
  readonly groups?: number;
}

/** Shapes of a convolution. */
export interface ConvShapes {
  /** [b, h, w, i]. */
  readonly x: Shape;
  /** [kh, kw, i/groups, o]. */
  readonly weight: Shape;
  /** [b, oh, ow, o]. */
  readonly y: Shape;
}

/** Shape of the result of a convolution; throws where shapes do not fit. */
export function inferConv(
  op: string,
  x: TensorType,
  weight: Shape,
  attrs: ConvWindow,
): TensorType {
  const { dtype, shape } = checkFloat(op, x);
  const { b, h, w, i } = bindAxes(op, shape, "b h w i");
  const { groups = 1 } = attrs;
  const inner = i! / groups;
  const { kh, kw, o } = bindAxes(op, weight, "kh kw i/groups o", {
    "i/groups": inner,
  });
  if (!Number.isInteger(inner) || o! % groups !== 0) {
    throw new RookeryError(
      "shape",
      `Cannot apply ${op} with ${groups} groups to ${i} channels in and ${o} ` +
        "out: both must be multiples of the groups",
      { op, expected: groups, actual: [i, o] },
    );
  }
  const [oh, ow] = windowResult(op, [h!, w!], [kh!, kw!], attrs);
  return { dtype, shape: [b!, oh, ow, o!] };
}

/** Refuses a bias that is not [o], and unknown activations. */
export function checkEpilogue(
  op: string,
  bias: TensorType | undefined,
  channels: number,
  { activation = "none" }: ActivationAttrs,
): void {
  if (bias !== undefined) {
    checkFloat(op, bias);
    bindAxes(op, bias.shape, "o", { o: channels });
  }
  if (activation === "none" || activation === "relu6") return;
  throw new RookeryError(
    "config",
    `Cannot apply ${op} with activation "${activation}": use "none" or "relu6"`,
    { op, expected: ["none", "relu6"], actual: activation },
  );
}

/** The gradient before an activation, given the one after it. */
export function undoActivation(
  grad: Tensor,
  output: Tensor,
  { activation = "none" }: ActivationAttrs,
): Tensor {
  if (activation === "none") return grad;
  // Where the result lies between the ends, the sum did as well.
  return mul(grad, clampSlope(output, { low: 0, high: 6 }));
}

/** Calls `visit` with the flat indices of every product of a convolution. */
export function walkConv(
  { x, weight, y }: ConvShapes,
  { stride, padding: [top, , left], groups = 1 }: ConvWindow,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const [, h, w, channels] = x as [number, number, number, number];
  const [kh, kw, inner, out] = weight as [number, number, number, number];
  const [images, oh, ow] = y as [number, number, number, number];
  const outer = out / groups;
  for (let pixel = 0; pixel < images * oh * ow; pixel++) {
    const ox = pixel % ow, oy = Math.floor(pixel / ow) % oh;
    const image = Math.floor(pixel / (ow * oh));
    for (let tap = 0; tap < kh * kw; tap++) {
      const iy = oy * stride + Math.floor(tap / kw) - top;
      const ix = ox * stride + tap % kw - left;
      if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
      const xAt = ((image * h + iy) * w + ix) * channels;
      for (let i = 0; i < channels; i++) {
        const group = Math.floor(i / inner);
        const wAt = (tap * inner + i % inner) * out;
        for (let o = group * outer; o < (group + 1) * outer; o++) {
          visit(xAt + i, wAt + o, pixel * out + o);
        }
      }
    }
  }
}

/** WGSL expression for a finished sum of type f32 or vec4<f32>. */
export function activationText(
  { activation = "none" }: ActivationAttrs,
  sum: string,
  type: string,
): string {
  if (activation === "none") return sum;
  return `clamp(${sum}, ${type}(), ${type}(6.0))`;
}

/** The CPU meaning of all convolutions: sums in f64, bias, activation. */
export function convolve(
  shapes: ConvShapes,
  attrs: ConvWindow & ActivationAttrs,
  [x, weight, bias]: readonly ArrayLike<number>[],
): Float64Array {
  const out = shapes.y.at(-1)!;
  const sums = new Float64Array(shapes.y.reduce((a, b) => a * b, 1));
  walkConv(shapes, attrs, (xi, wi, yi) => sums[yi]! += x![xi]! * weight![wi]!);
  return sums.map((sum, i) => {
    const y = sum + (bias?.[i % out] ?? 0);
    return attrs.activation === "relu6" ? Math.min(Math.max(y, 0), 6) : y;
  });
}
