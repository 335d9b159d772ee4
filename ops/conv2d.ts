/**
 * Convolution over pictures, channels last.
 *
 * The weight's order is [kh, kw, i/groups, o], outputs last: an invocation
 * computes neighbouring outputs and reads neighbouring words.
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
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { reduceTo } from "./sum_to.ts";
import { pixelTile, windowParams } from "./window_rule.ts";

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

/** How much of the result one invocation computes. */
interface Block {
  /** Pixels of a row. */
  readonly pixels: number;
  /** Neighbouring outputs, in fours or one by one. */
  readonly outputs: number;
  /** Outputs a load gives: 4 or 1. */
  readonly lanes: 4 | 1;
  /** Channels that are multiplied between two tests of the loop. */
  readonly unroll: number;
  /** Whether channels of the picture are loaded in fours. */
  readonly isWide: boolean;
}

/**
 * Every loaded number is used for as many products as registers allow: a few
 * pixels times a few outputs an invocation.
 */
function blockOf(
  { inputs, output, attrs, profile }: KernelContext<Conv2dAttrs>,
): Block {
  const [, , ow, out] = output.type.shape as [number, number, number, number];
  const inner = inputs[1]!.type.shape[2]!;
  const outer = out / (attrs.groups ?? 1);
  const isWide = inner % 4 === 0;
  return {
    pixels: pixelTile(ow, profile.isSoftware ? 8 : 4),
    outputs: outer % 8 === 0 ? 8 : outer % 4 === 0 ? 4 : 1,
    lanes: outer % 4 === 0 ? 4 : 1,
    unroll: isWide ? 4 : inner <= 4 ? inner : 1,
    isWide,
  };
}

function conv2dKernel(context: KernelContext<Conv2dAttrs>): Kernel {
  const { inputs, output, attrs } = context;
  const [x, weight] = inputs.map(({ type }) => type.shape);
  const y = output.type.shape;
  const [b, oh, ow, out] = y as [number, number, number, number];
  const block = blockOf(context);
  const view = block.lanes === 4 ? "vec4" : "scalar";
  const hasBias = inputs.length > 2;
  const tiles = Math.ceil(ow / block.pixels);
  const blocks = out / block.outputs;
  const flat = flatDispatch(b * oh * tiles * blocks);
  return {
    name: "conv2d",
    bindings: [
      { name: "x", of: 0, view: block.isWide ? "vec4" : "scalar" },
      { name: "w", of: 1, view },
      ...(hasBias ? [{ name: "b", of: 2, view }] : []),
      { name: "y", of: "output", view, isWritten: true },
    ],
    params: {
      ...flat.params,
      ...windowParams(x!, y, attrs),
      kernel_h: weight![0]!,
      kernel_w: weight![1]!,
      channels: x![3]!,
      inner: weight![2]!,
      tiles,
      blocks,
      blocks_per_group: blocks / (attrs.groups ?? 1),
    },
    workgroupSize: flat.workgroupSize,
    workgroups: flat.workgroups,
    body: conv2dBody(block, hasBias, attrs),
  };
}

function conv2dBody(
  block: Block,
  hasBias: boolean,
  attrs: Conv2dAttrs,
): string {
  const { lanes, unroll } = block;
  const pixels = range(block.pixels), parts = range(block.outputs / lanes);
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  // Positions before the picture wrap to huge numbers and fail `< p.w` too.
  return `${FLAT_INDEX}
  let ob = i % p.blocks * ${parts.length}u;
  let first = i % p.blocks / p.blocks_per_group * p.inner;
  let out = p.blocks * ${parts.length}u;
  let tile = i / p.blocks;
  let ox = tile % p.tiles * ${pixels.length}u;
  let row_out = tile / p.tiles;
  let oy = row_out % p.out_h;
  let image = row_out / p.out_h;
${
    each(parts, (v) => {
      const start = hasBias ? `load_b(ob + ${v}u)` : `${type}()`;
      return each(pixels, (t) => `  var s${t}_${v}: ${type} = ${start};`);
    })
  }
  var w_at = ob;
  for (var ky = 0u; ky < p.kernel_h; ky++) {
    let iy = oy * p.stride + ky - p.pad_top;
    let row_ok = iy < p.h;
    let row = (image * p.h + min(iy, p.h - 1u)) * p.w;
    for (var kx = 0u; kx < p.kernel_w; kx++) {
      let left = ox * p.stride + kx - p.pad_left;
${
    each(pixels, (t) =>
      `      let ix${t} = left + ${t}u * p.stride;
      let ok${t} = row_ok && ix${t} < p.w;
      let at${t} = (row + min(ix${t}, p.w - 1u)) * p.channels + first;`)
  }
      for (var c = 0u; c < p.inner; c += ${unroll}u) {
${block.isWide ? each(pixels, (t) => `        ${wideLoad(t)}`) : ""}
${each(range(unroll), (u) => channelText(block, u))}
      }
    }
  }
${
    each(pixels, (t) =>
      `  if (ox + ${t}u < p.out_w) {
    let y_at = (row_out * p.out_w + ox + ${t}u) * out + ob;
${
        each(parts, (v) =>
          `    store_y(y_at + ${v}u, ${
            activationText(attrs, `s${t}_${v}`, type)
          });`)
      }
  }`)
  }`;
}

function wideLoad(t: number): string {
  const load = `load_x((at${t} + c) / 4u)`;
  return `let x${t} = select(vec4<f32>(), ${load}, ok${t});`;
}

/** Products of one channel: weights loaded once, used for all pixels. */
function channelText(
  { pixels, outputs, lanes, isWide }: Block,
  u: number,
): string {
  const parts = range(outputs / lanes);
  const value = (t: number): string =>
    isWide
      ? `x${t}.${"xyzw"[u]}`
      : `select(0.0, load_x(at${t} + c + ${u}u), ok${t})`;
  return `        {
${each(parts, (v) => `          let w${v} = load_w(w_at + ${v}u);`)}
          w_at += out;
${
    each(range(pixels), (t) =>
      `          let v${t} = ${value(t)};
${each(parts, (v) => `          s${t}_${v} += v${t} * w${v};`)}`)
  }
        }`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function each(
  items: readonly number[],
  write: (item: number) => string,
): string {
  return items.map(write).join("\n");
}
