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
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { pixelTile, type WindowAttrs, windowParams } from "./window_rule.ts";

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

/** How much of the result one invocation computes. */
interface Tile {
  /** Rows of pixels. */
  readonly rows: number;
  /** Pixels of each row. */
  readonly columns: number;
  /** WGSL type of its channels: one, or four neighbours. */
  readonly type: "f32" | "vec4<f32>";
}

/** Loads that a kernel writes out at most; more take long to compile. */
const MOST_LOADS = 60;

/**
 * Channels lie along lanes, in fours where that divides. A patch of pixels
 * is computed at once, all written out: a pixel of the picture is loaded once
 * for all windows of the patch that meet it.
 */
function tileOf(
  { output, attrs, profile }: KernelContext<DepthwiseConv2dAttrs>,
  [kh, kw]: Shape,
): Tile {
  const [, oh, ow, channels] = output.type.shape;
  const columns = pixelTile(ow!, kw! > 5 ? 2 : 5);
  const loads = (columns - 1) * attrs.stride + kw!;
  // Software devices have a stack for registers that do not fit; GPUs have
  // fewer registers and caches that make up for repeated loads.
  let rows = profile.isSoftware ? pixelTile(oh!, 5) : 1;
  while (rows > 1 && ((rows - 1) * attrs.stride + kh!) * loads > MOST_LOADS) {
    rows--;
  }
  return { rows, columns, type: channels! % 4 === 0 ? "vec4<f32>" : "f32" };
}

function depthwiseKernel(
  context: KernelContext<DepthwiseConv2dAttrs>,
): Kernel {
  const { inputs, output, attrs } = context;
  const [x, weight] = inputs.map(({ type }) => type.shape);
  const y = output.type.shape;
  const [b, oh, ow, channels] = y as [number, number, number, number];
  const tile = tileOf(context, weight!);
  const view = tile.type === "f32" ? "scalar" : "vec4";
  const lanes = tile.type === "f32" ? channels : channels / 4;
  const tilesX = Math.ceil(ow / tile.columns);
  const tilesY = Math.ceil(oh / tile.rows);
  const hasBias = inputs.length > 2;
  const flat = flatDispatch(b * tilesX * tilesY * lanes);
  return {
    name: "depthwise_conv2d",
    bindings: [
      { name: "x", of: 0, view },
      { name: "w", of: 1, view },
      ...(hasBias ? [{ name: "b", of: 2, view }] : []),
      { name: "y", of: "output", view, isWritten: true },
    ],
    params: {
      ...flat.params,
      ...windowParams(x!, y, attrs),
      lanes,
      tiles_x: tilesX,
      tiles_y: tilesY,
    },
    workgroupSize: flat.workgroupSize,
    workgroups: flat.workgroups,
    body: depthwiseBody(tile, weight!, hasBias, attrs),
  };
}

function depthwiseBody(
  tile: Tile,
  [kh, kw]: Shape,
  hasBias: boolean,
  attrs: DepthwiseConv2dAttrs,
): string {
  const { stride } = attrs;
  const { rows, columns, type } = tile;
  const lines = [
    `${FLAT_INDEX}
  let c = i % p.lanes;
  let tile = i / p.lanes;
  let ox = tile % p.tiles_x * ${columns}u;
  let oy = tile / p.tiles_x % p.tiles_y * ${rows}u;
  let image = tile / p.tiles_x / p.tiles_y;
  let left = ox * p.stride - p.pad_left;
  let top = oy * p.stride - p.pad_top;
  let start = ${hasBias ? "load_b(c)" : `${type}()`};`,
    ...range(rows * columns).map((t) => `  var s${t}: ${type} = start;`),
    ...range(kh! * kw!).map((k) =>
      `  let w${k} = load_w(${k}u * p.lanes + c);`
    ),
    // Positions before the picture wrap to huge numbers and fail `< p.w` too.
    ...range((columns - 1) * stride + kw!).map((j) =>
      `  let ok${j} = left + ${j}u < p.w;
  let at${j} = min(left + ${j}u, p.w - 1u) * p.lanes + c;`
    ),
    ...range((rows - 1) * stride + kh!).map((row) =>
      rowText(row, [kh!, kw!], stride, tile)
    ),
    ...range(rows * columns).map((t) => storeText(t, columns, attrs, type)),
  ];
  return lines.join("\n");
}

/** Products of one row of the picture with all windows that meet it. */
function rowText(
  row: number,
  [kh, kw]: readonly [number, number],
  stride: number,
  { rows, columns, type }: Tile,
): string {
  const lines = [
    `  {
  let iy = top + ${row}u;
  let is_in = iy < p.h;
  let row = (image * p.h + min(iy, p.h - 1u)) * p.w * p.lanes;`,
    ...range((columns - 1) * stride + kw).map((j) =>
      `  let x${j} = select(${type}(), load_x(row + at${j}), is_in && ok${j});`
    ),
  ];
  for (let t = 0; t < rows * columns; t++) {
    const ky = row - Math.floor(t / columns) * stride;
    if (ky < 0 || ky >= kh) continue;
    const first = t % columns * stride;
    lines.push(
      ...range(kw).map((kx) => `  s${t} += x${first + kx} * w${ky * kw + kx};`),
    );
  }
  return [...lines, "  }"].join("\n");
}

function storeText(
  t: number,
  columns: number,
  attrs: DepthwiseConv2dAttrs,
  type: string,
): string {
  const x = `ox + ${t % columns}u`, y = `oy + ${Math.floor(t / columns)}u`;
  return `  if (${x} < p.out_w && ${y} < p.out_h) {
    store_y(((image * p.out_h + ${y}) * p.out_w + ${x}) * p.lanes + c,
      ${activationText(attrs, `s${t}`, type)});
  }`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
