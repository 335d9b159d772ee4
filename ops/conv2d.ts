/**
 * Convolution over pictures, channels last.
 *
 * The weight's order is [kh, kw, i/groups, o], outputs last: neighbouring
 * lanes compute neighbouring outputs and read neighbouring words.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { conv2dInputGradient } from "./conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "./conv2d_weight_gradient.ts";
import {
  type ActivationAttrs,
  activationText,
  checkEpilogue,
  convolve,
  type ConvWindow,
  inferConv,
  undoActivation,
} from "./conv_rule.ts";
import { reduceTo } from "./sum_to.ts";
import { laneCount, pixelTile, windowParams } from "./window_rule.ts";

/** Attributes of `conv2d`. */
export interface Conv2dAttrs extends ConvWindow, ActivationAttrs {}

/** Operands of `conv2d`; without a bias it is 0. */
export type Conv2dInputs =
  | [x: Tensor, weight: Tensor]
  | [x: Tensor, weight: Tensor, bias: Tensor];

/**
 * `y[b,p,q,o] = act(bias[o] + Σ x[b, p·stride + kh − top, q·stride + kw − left,
 * i] · weight[kh,kw,i,o])`, zeros outside the picture. `x` [b, h, w, i],
 * `weight` [kh, kw, i/groups, o], `bias` [o]; result [b, oh, ow, o].
 */
export const conv2d: Op<Conv2dAttrs, Conv2dInputs> = defineOp<
  Conv2dAttrs,
  Conv2dInputs
>({
  name: "conv2d",
  infer([x, weight, bias], attrs) {
    const type = inferConv("conv2d", x!, weight!.shape, attrs);
    checkEpilogue("conv2d", bias, type.shape[3]!, attrs);
    return type;
  },
  cpu({ inputs, types, attrs, output, outputType }) {
    const [x, weight] = types.map(({ shape }) => shape);
    const shapes = { x: x!, weight: weight!, y: outputType.shape };
    output.set(convolve(shapes, attrs, inputs));
  },
  kernels: (context) => ({ kernels: [conv2dKernel(context)] }),
  gradient({ grad, inputs: [x, weight, bias], output, attrs }) {
    const g = undoActivation(grad, output, attrs);
    const { stride, padding, groups = 1 } = attrs;
    const window = { stride, padding, groups };
    const grads = [
      conv2dInputGradient(g, weight, { ...window, shape: x.shape }),
      conv2dWeightGradient(g, x, { ...window, shape: weight.shape }),
    ];
    return bias === undefined ? grads : [...grads, reduceTo(g, bias.shape)];
  },
  cost([x, weight], { shape }) {
    const products = sizeOf(shape) * sizeOf(weight!.shape.slice(0, 3));
    const values = sizeOf(x!.shape) + sizeOf(weight!.shape) + sizeOf(shape);
    return { flops: 2 * products, bytes: 4 * values };
  },
});

/**
 * Lanes along outputs, a few pixels of a row each: a weight is loaded once
 * for all of them, and pixels are read at addresses that all lanes share.
 */
function conv2dKernel(context: KernelContext<Conv2dAttrs>): Kernel {
  const { inputs, output, attrs } = context;
  const [x, weight] = inputs.map(({ type }) => type.shape);
  const y = output.type.shape;
  const [b, oh, ow, out] = y as [number, number, number, number];
  const inner = weight![2]!;
  const tile = pixelTile(ow, 8);
  const lanes = laneCount(out);
  const hasBias = inputs.length > 2;
  return {
    name: "conv2d",
    bindings: [
      { name: "x", of: 0, view: "scalar" },
      { name: "w", of: 1, view: "scalar" },
      ...(hasBias ? [{ name: "b", of: 2, view: "scalar" } as const] : []),
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      ...windowParams(x!, y, attrs),
      kernel_h: weight![0]!,
      kernel_w: weight![1]!,
      channels: x![3]!,
      inner,
      out,
      out_per_group: out / (attrs.groups ?? 1),
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(out / lanes), Math.ceil(ow / tile), b * oh],
    body: conv2dBody(tile, unrollOf(inner), hasBias, attrs),
  };
}

/** Channels whose products are written out one after the other. */
function unrollOf(inner: number): number {
  if (inner <= 4) return inner;
  return inner % 4 === 0 ? 4 : 1;
}

function conv2dBody(
  tile: number,
  unroll: number,
  hasBias: boolean,
  attrs: Conv2dAttrs,
): string {
  const pixels = Array.from({ length: tile }, (_, t) => t);
  const channels = Array.from({ length: unroll }, (_, u) => u);
  const first = (attrs.groups ?? 1) === 1
    ? "0u"
    : "oc / p.out_per_group * p.inner";
  // Positions before the picture wrap to huge numbers and fail `< p.w` too.
  return `  let oc = gid.x;
  if (oc >= p.out) { return; }
  let oy = wid.z % p.out_h;
  let image = wid.z / p.out_h;
  let ox = wid.y * ${tile}u;
  let first = ${first};
  let start = ${hasBias ? "load_b(oc)" : "0.0"};
${each(pixels, (t) => `  var s${t}: f32 = start;`)}
  var w_at = oc;
  for (var ky = 0u; ky < p.kernel_h; ky++) {
    let iy = oy * p.stride + ky - p.pad_top;
    let row_ok = iy < p.h;
    let row = (image * p.h + min(iy, p.h - 1u)) * p.w;
    for (var kx = 0u; kx < p.kernel_w; kx++) {
      let ix = ox * p.stride + kx - p.pad_left;
${
    each(pixels, (t) =>
      `      let ix${t} = ix + ${t}u * p.stride;
      let ok${t} = row_ok && ix${t} < p.w;
      let at${t} = (row + min(ix${t}, p.w - 1u)) * p.channels + first;`)
  }
      for (var i = 0u; i < p.inner; i += ${unroll}u) {
${
    each(channels, (u) =>
      `        let w${u} = load_w(w_at);
        w_at += p.out;
${
        each(pixels, (t) =>
          `        s${t} += select(0.0, load_x(at${t} + i + ${u}u), ok${t}) * w${u};`)
      }`)
  }
      }
    }
  }
${
    each(pixels, (t) =>
      `  if (ox + ${t}u < p.out_w) {
    store_y(((wid.z * p.out_w) + ox + ${t}u) * p.out + oc, ${
        activationText(attrs, `s${t}`)
      });
  }`)
  }`;
}

function each(
  items: readonly number[],
  write: (item: number) => string,
): string {
  return items.map(write).join("\n");
}
