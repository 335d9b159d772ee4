/**
 * Convolution of every channel by itself, channels last.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, type Shape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { conv2dInputGradient } from "./conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "./conv2d_weight_gradient.ts";
import {
  type ActivationAttrs,
  activationText,
  checkEpilogue,
  convolve,
  inferConv,
  undoActivation,
} from "./conv_rule.ts";
import { reshape } from "./reshape.ts";
import { reduceTo } from "./sum_to.ts";
import {
  laneCount,
  pixelTile,
  type WindowAttrs,
  windowParams,
} from "./window_rule.ts";

/** Attributes of `depthwiseConv2d`. */
export interface DepthwiseConv2dAttrs extends WindowAttrs, ActivationAttrs {}

/** Operands of `depthwiseConv2d`; without a bias it is 0. */
export type DepthwiseConv2dInputs =
  | [x: Tensor, weight: Tensor]
  | [x: Tensor, weight: Tensor, bias: Tensor];

/**
 * `y[b,p,q,c] = act(bias[c] + Σ x[b, p·stride + kh − top, q·stride + kw − left,
 * c] · weight[kh,kw,c])`, zeros outside the picture. `x` [b, h, w, c],
 * `weight` [kh, kw, c], `bias` [c]; result [b, oh, ow, c].
 */
export const depthwiseConv2d: Op<
  DepthwiseConv2dAttrs,
  DepthwiseConv2dInputs
> = defineOp<DepthwiseConv2dAttrs, DepthwiseConv2dInputs>({
  name: "depthwise_conv2d",
  infer([x, weight, bias], attrs) {
    const op = "depthwise_conv2d";
    const { c } = bindAxes(op, x!.shape, "b h w c");
    bindAxes(op, weight!.shape, "kh kw c", { c: c! });
    checkEpilogue(op, bias, c!, attrs);
    return inferConv(op, x!, groupedShape(weight!.shape), grouped(attrs, c!));
  },
  cpu({ inputs, types, attrs, output, outputType }) {
    const x = types[0]!.shape, weight = groupedShape(types[1]!.shape);
    const shapes = { x, weight, y: outputType.shape };
    output.set(convolve(shapes, grouped(attrs, x[3]!), inputs));
  },
  kernels: (context) => ({ kernels: [depthwiseKernel(context)] }),
  gradient({ grad, inputs: [x, weight, bias], output, attrs }) {
    const g = undoActivation(grad, output, attrs);
    const { stride, padding } = attrs;
    const window = { stride, padding, groups: x.shape[3]! };
    const shape = groupedShape(weight.shape);
    const wide = reshape(weight, { shape });
    const byX = conv2dInputGradient(g, wide, { ...window, shape: x.shape });
    const byWeight = conv2dWeightGradient(g, x, { ...window, shape });
    const grads = [byX, reshape(byWeight, { shape: weight.shape })];
    return bias === undefined ? grads : [...grads, reduceTo(g, bias.shape)];
  },
  cost: ([x, weight], { shape }) => ({
    flops: 2 * sizeOf(shape) * sizeOf(weight!.shape.slice(0, 2)),
    bytes: 4 * (sizeOf(x!.shape) + sizeOf(weight!.shape) + sizeOf(shape)),
  }),
});

/** The same window as a convolution of one channel a group. */
function grouped<Attrs extends WindowAttrs>(
  attrs: Attrs,
  groups: number,
): Attrs & { readonly groups: number } {
  return { ...attrs, groups };
}

function groupedShape([kh, kw, c]: Shape): number[] {
  return [kh!, kw!, 1, c!];
}

/**
 * Lanes along channels, a few pixels of a row each, all written out: a row
 * of the picture is loaded once for all pixels whose windows meet it.
 */
function depthwiseKernel(
  { inputs, output, attrs }: KernelContext<DepthwiseConv2dAttrs>,
): Kernel {
  const [x, weight] = inputs.map(({ type }) => type.shape);
  const y = output.type.shape;
  const [b, oh, ow, channels] = y as [number, number, number, number];
  const window = [weight![0]!, weight![1]!] as const;
  const tile = pixelTile(ow, window[0] * window[1] > 25 ? 4 : 8);
  const lanes = laneCount(channels);
  const hasBias = inputs.length > 2;
  return {
    name: "depthwise_conv2d",
    bindings: [
      { name: "x", of: 0, view: "scalar" },
      { name: "w", of: 1, view: "scalar" },
      ...(hasBias ? [{ name: "b", of: 2, view: "scalar" } as const] : []),
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: { ...windowParams(x!, y, attrs), channels },
    workgroupSize: [lanes, 1, 1],
    workgroups: [Math.ceil(channels / lanes), Math.ceil(ow / tile), b * oh],
    body: depthwiseBody(tile, window, hasBias, attrs),
  };
}

function depthwiseBody(
  tile: number,
  [kh, kw]: readonly [number, number],
  hasBias: boolean,
  attrs: DepthwiseConv2dAttrs,
): string {
  const { stride } = attrs;
  const columns = (tile - 1) * stride + kw;
  const lines = [
    `  let c = gid.x;
  if (c >= p.channels) { return; }
  let oy = wid.z % p.out_h;
  let image = wid.z / p.out_h;
  let ox = wid.y * ${tile}u;
  let left = ox * p.stride - p.pad_left;
  let start = ${hasBias ? "load_b(c)" : "0.0"};`,
    ...range(tile).map((t) => `  var s${t}: f32 = start;`),
    // Positions before the picture wrap to huge numbers and fail `< p.w` too.
    ...range(columns).map((j) =>
      `  let ok${j} = left + ${j}u < p.w;
  let at${j} = min(left + ${j}u, p.w - 1u) * p.channels + c;`
    ),
    ...range(kh).map((ky) => rowText(ky, kw, { tile, stride, columns })),
    ...range(tile).map((t) =>
      `  if (ox + ${t}u < p.out_w) {
    store_y((wid.z * p.out_w + ox + ${t}u) * p.channels + c, ${
        activationText(attrs, `s${t}`)
      });
  }`
    ),
  ];
  return lines.join("\n");
}

/** Products of one row of the window, for all pixels of the tile. */
function rowText(
  ky: number,
  kw: number,
  { tile, stride, columns }: {
    readonly tile: number;
    readonly stride: number;
    readonly columns: number;
  },
): string {
  const lines = [
    `  {
  let iy = oy * p.stride + ${ky}u - p.pad_top;
  let is_in = iy < p.h;
  let row = (image * p.h + min(iy, p.h - 1u)) * p.w * p.channels;`,
    ...range(kw).map((kx) =>
      `  let w${kx} = load_w(${ky * kw + kx}u * p.channels + c);`
    ),
    ...range(columns).map((j) =>
      `  let x${j} = select(0.0, load_x(row + at${j}), is_in && ok${j});`
    ),
    ...range(tile).flatMap((t) =>
      range(kw).map((kx) => `  s${t} += x${t * stride + kx} * w${kx};`)
    ),
    "  }",
  ];
  return lines.join("\n");
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
