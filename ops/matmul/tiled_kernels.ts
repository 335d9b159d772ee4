/**
 * Kernels of the product with one right side: straight from a packed weight,
 * or from a dense matrix that is packed first.
 *
 * @module
 */

import type {
  Kernel,
  KernelContext,
  KernelList,
  WeightPart,
} from "../../core/kernel.ts";
import { F32_LAYOUT } from "../../core/layouts/f32.ts";
import { chooseTile } from "./choose_tile.ts";
import { gemmBody, gemmParams, gemmWorkgroups } from "./gemm.ts";
import {
  PACK_LANES,
  packBody,
  packedBytes,
  packParams,
  packWorkgroups,
} from "./pack.ts";
import { matmulSizes } from "./sizes.ts";

/** Kernels for a right side [n, k] or [k, n] without leading axes. */
export function tiledKernels(
  context: KernelContext<{ readonly isTransposed?: boolean }>,
): KernelList {
  const [, b] = context.inputs;
  const types = context.inputs.map(({ type }) => type);
  const { isTransposed = false } = context.attrs;
  const { n, k } = matmulSizes(types, isTransposed);
  if (b!.layout !== undefined && b!.parts !== undefined) {
    return { kernels: b!.parts.map((part, i) => tiled(context, part, i)) };
  }
  const size = { n, k };
  const pack: Kernel = {
    name: "matmul_pack",
    bindings: [
      { name: "x", of: 1, view: "scalar" },
      { name: "w", of: { scratch: 0 }, view: "vec4<f32>", isWritten: true },
    ],
    params: packParams(size),
    workgroupSize: [PACK_LANES, 1, 1],
    workgroups: packWorkgroups(size),
    body: packBody({ order: isTransposed ? "nk" : "kn" }),
  };
  const whole = { start: 0, end: n };
  return {
    kernels: [pack, tiled(context, whole, undefined)],
    scratch: [packedBytes(size)],
  };
}

/** The product with rows `[start, end)` of the weight. */
function tiled(
  { inputs, attrs, profile }: KernelContext<
    { readonly isTransposed?: boolean }
  >,
  { start, end }: WeightPart,
  part: number | undefined,
): Kernel {
  const types = inputs.map(({ type }) => type);
  const { m, n, k } = matmulSizes(types, attrs.isTransposed ?? false);
  const layout = inputs[1]!.layout ?? F32_LAYOUT;
  const rows = end - start;
  const { hasSubgroups, isSoftware } = profile;
  const tile = chooseTile({ layout, m, rows, k, hasSubgroups, isSoftware });
  const size = { m, n, k, rowStart: start, rows };
  const weight = part === undefined ? { of: { scratch: 0 } } : { of: 1, part };
  return {
    name: `matmul_${layout.name}_${tile.tokens}`,
    bindings: [
      { name: "x", of: 0, view: tile.isVec4 ? "vec4" : "scalar" },
      { name: "w", view: layout.element, ...weight },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: gemmParams(layout, size),
    workgroupSize: [tile.lanes ?? 8, 1, 1],
    workgroups: gemmWorkgroups(tile, size),
    body: gemmBody(tile),
  };
}
