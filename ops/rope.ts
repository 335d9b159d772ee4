/**
 * Rotary position embedding (Su et al., 2021).
 *
 * Angles come from a table made on the host in f64: f32 sines of large angles
 * are off by far more than an ulp on many devices.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { KernelContext, KernelList } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { checkIndices, checkSize } from "./control_type.ts";
import { checkFloat } from "./elementwise.ts";

/** Attributes of `rope`. */
export interface RopeAttrs {
  /**
   * Which elements make a pair: i and i + c/2 (false, the default: NeoX and
   * LLaMA on Hugging Face) or 2i and 2i + 1 (true: the paper, GPT-J).
   */
  readonly isInterleaved?: boolean;
  /** Turns the other way, as the gradient does; false by default. */
  readonly isInverse?: boolean;
}

/** What `ropeTable` makes a table of. */
export interface RopeTableOptions {
  /** Positions, from 0. */
  readonly length: number;
  /** Elements that turn, c: the head dimension or less; even. */
  readonly dims: number;
  /** Base of the frequencies `theta^(-2i/c)`. */
  readonly theta: number;
  /** These c/2 frequencies, in radians a token, instead of theta's. */
  readonly frequencies?: readonly number[];
  /** Times which cosines and sines are taken; 1 by default. */
  readonly scale?: number;
}

/** Cosine and sine of every angle: values of an f32 [length, c/2, 2] table. */
export function ropeTable(
  { length, dims, theta, frequencies, scale = 1 }: RopeTableOptions,
): Float32Array<ArrayBuffer> {
  const half = dims / 2;
  if (frequencies) checkSize("rope", "frequencies", half, frequencies.length);
  const table = new Float32Array(length * dims);
  for (let i = 0; i < half; i++) {
    const frequency = frequencies?.[i] ?? theta ** (-2 * i / dims);
    for (let position = 0; position < length; position++) {
      const at = position * dims + 2 * i;
      table[at] = scale * Math.cos(position * frequency);
      table[at + 1] = scale * Math.sin(position * frequency);
    }
  }
  return table;
}

/**
 * Turns pairs of the first c elements of each head by their position's angles
 * and copies the rest. `x` [b, l, h, k], `positions` u32 [b, l], `table` f32
 * [length, c/2, 2] by `ropeTable`; positions past the table use its last row,
 * so padding behind a full context stays finite.
 */
export const rope: Op<
  RopeAttrs,
  [x: Tensor, positions: Tensor, table: Tensor]
> = defineOp<RopeAttrs, [x: Tensor, positions: Tensor, table: Tensor]>({
  name: "rope",
  infer([x, positions, table]) {
    const type = checkFloat("rope", x!);
    const { b, l, k } = bindAxes("rope", x!.shape, "b l h k");
    checkIndices("rope", positions!, 2);
    bindAxes("rope", positions!.shape, "b l", { b: b!, l: l! });
    checkTable(table!, k!);
    return { dtype: type.dtype, shape: type.shape };
  },
  cpu({ inputs: [x, positions, table], types, attrs, output }) {
    const [, , h, k] = types[0]!.shape as [number, number, number, number];
    const [length, half] = types[2]!.shape as [number, number];
    const [step, gap] = attrs.isInterleaved ? [2, 1] : [1, half];
    const sign = attrs.isInverse ? -1 : 1;
    for (let head = 0; head < output.length / k; head++) {
      const position = positions![Math.floor(head / h)]!;
      const angles = Math.min(position, length - 1) * 2 * half;
      for (let i = 0; i < half; i++) {
        const c = table![angles + 2 * i]!;
        const s = sign * table![angles + 2 * i + 1]!;
        const at = head * k + i * step;
        const left = x![at]!, right = x![at + gap]!;
        output[at] = left * c - right * s;
        output[at + gap] = right * c + left * s;
      }
      for (let i = head * k + 2 * half; i < (head + 1) * k; i++) {
        output[i] = x![i]!;
      }
    }
  },
  kernels: ropeKernel,
  gradient: ({ grad, inputs: [, positions, table], attrs }) => [
    rope(grad, positions, table, { ...attrs, isInverse: !attrs.isInverse }),
    null,
    null,
  ],
  cost: ([x]) => ({ flops: 3 * sizeOf(x!.shape), bytes: 8 * sizeOf(x!.shape) }),
});

function checkTable(table: TensorType, headDim: number): void {
  const [length, half = 0, pair] = table.shape;
  const isFit = table.shape.length === 3 && table.dtype === "f32" &&
    length! > 0 && pair === 2 && 2 * half <= headDim;
  if (isFit) return;
  throw new RookeryError(
    "shape",
    "Cannot apply rope as its table must be f32 [length, c/2, 2] with c at " +
      `most the head dimension ${headDim}: it is ${table.dtype} ` +
      `${showShape(table.shape)}; make it by ropeTable()`,
    { op: "rope", expected: headDim, actual: table.shape },
  );
}

function ropeKernel(
  { inputs, output, attrs }: KernelContext<RopeAttrs>,
): KernelList {
  const [, , h, k] = output.type.shape as [number, number, number, number];
  const [length, half] = inputs[2]!.type.shape as [number, number];
  // An item is a pair that turns, or one element that is copied.
  const items = k - half;
  const { params, ...flat } = flatDispatch(
    sizeOf(output.type.shape) / k * items,
  );
  return {
    kernels: [{
      name: "rope",
      bindings: [
        { name: "x", of: 0, view: "scalar" },
        { name: "positions", of: 1, view: "scalar" },
        { name: "angles", of: 2, view: "vec2<f32>" },
        { name: "y", of: "output", view: "scalar", isWritten: true },
      ],
      params: {
        ...params,
        h,
        k,
        items,
        half,
        last: length - 1,
        step: attrs.isInterleaved ? 2 : 1,
        gap: attrs.isInterleaved ? 1 : half,
        sign: { f32: attrs.isInverse ? -1 : 1 },
      },
      ...flat,
      body: `${FLAT_INDEX}
  let head = i / p.items;
  let item = i - head * p.items;
  if (item >= p.half) {
    let at = head * p.k + p.half + item;
    store_y(at, load_x(at));
    return;
  }
  let position = min(load_positions(head / p.h), p.last);
  let angle = angles[position * p.half + item];
  let turn = angle.y * p.sign;
  let at = head * p.k + item * p.step;
  let left = load_x(at);
  let right = load_x(at + p.gap);
  store_y(at, left * angle.x - right * turn);
  store_y(at + p.gap, right * angle.x + left * turn);`,
    }],
  };
}
