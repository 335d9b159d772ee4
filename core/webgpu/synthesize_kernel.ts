/**
 * Kernels that make up weights where they lie: the same bytes as packing what
 * `SyntheticTensor` reads. One invocation writes 16 bytes.
 *
 * @module
 */

import type { Kernel, WeightPart } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import { SYNTHETIC_BITS_WGSL } from "../synthetic/synthetic_bits.ts";
import {
  F16_STEP,
  F32_STEP,
  Q4_1_MINIMUM,
  Q4_1_SCALE,
  Q8_0_SCALE,
  type SyntheticTensor,
} from "../synthetic/synthetic_tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../wgsl.ts";

/** What a kernel fills. */
export interface SynthesizedPart {
  /** The tensor. */
  readonly tensor: SyntheticTensor;
  /** How it lies; undefined for dense f32. */
  readonly layout: PackedLayout | undefined;
  /** Its rows here; all rows where it is dense. */
  readonly part: WeightPart;
  /** Bytes to fill. */
  readonly bytes: number;
}

/** Whether a device can make the bytes of a tensor in a layout by itself. */
export function canSynthesize(
  { format, shape }: SyntheticTensor,
  layout: PackedLayout | undefined,
): boolean {
  if (layout === undefined) return format === "f32";
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  return layout.name === format && columns % layout.block === 0;
}

/** The kernel that fills one part. */
export function synthesizeKernel(
  { tensor, layout, part, bytes }: SynthesizedPart,
): Kernel {
  const { params, ...flat } = flatDispatch(bytes / 16);
  const columns = tensor.shape.slice(1).reduce((a, b) => a * b, 1);
  const name = layout?.name ?? "dense";
  return {
    name: `synthesize_${name}`,
    bindings: [
      { name: "w", of: "output", view: "vec4<u32>", isWritten: true },
    ],
    params: {
      ...params,
      ...tensor.key,
      row_start: part.start,
      columns,
      blocks: layout ? columns / layout.block : 0,
    },
    ...flat,
    declarations: SYNTHETIC_BITS_WGSL + DECLARATIONS,
    body: `${FLAT_INDEX}\n${BODIES[name]}`,
  };
}

const DECLARATIONS = `
fn four_bits(first: u32) -> vec4<u32> {
  return vec4<u32>(bits(first), bits(first + 1u), bits(first + 2u),
    bits(first + 3u));
}
fn floats(first: u32) -> vec4<u32> {
  let levels = vec4<i32>(four_bits(first) >> vec4<u32>(8u)) - 8388608;
  return bitcast<vec4<u32>>(vec4<f32>(levels) * f32(${F32_STEP}));
}
fn halves(four: u32) -> vec2<u32> {
  let bytes = (vec4<u32>(four) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u);
  let levels = vec4<f32>(vec4<i32>(bytes) * 2 - 255) * f32(${F16_STEP});
  return vec2<u32>(pack2x16float(levels.xy), pack2x16float(levels.zw));
}`;

/** Finds block, row and place in the block of 8 rows, of \`size\` elements. */
const find = (size: number): string =>
  `  let block = i / ${size}u;
  let at = i - block * ${size}u;
  let tile = block / p.blocks;
  let column = block - tile * p.blocks;
  let row = p.row_start + tile * 8u + (at & 7u);`;

const BODIES: Readonly<Record<PackedLayout["name"] | "dense", string>> = {
  dense: "  w[i] = floats(4u * i);",
  f32: `${find(16)}
  w[i] = floats(row * p.columns + column * 8u + (at >> 3u) * 4u);`,
  f16: `${find(8)}
  let first = (row * p.columns + column * 8u) >> 2u;
  w[i] = vec4<u32>(halves(bits(first)), halves(bits(first + 1u)));`,
  q8_0: `${find(17)}
  let scale = vec4<u32>(${Q8_0_SCALE * 0x10001}u);
  let levels = four_bits((row * p.blocks + column) * 8u + (at >> 3u) * 4u);
  w[i] = select(levels, scale, at == 16u);`,
  q4_1: `${find(10)}
  let scale = vec4<u32>(${Q4_1_MINIMUM * 0x10000 + Q4_1_SCALE}u);
  let levels = four_bits((row * p.blocks + column) * 4u);
  w[i] = select(levels, scale, at >= 8u);`,
};
