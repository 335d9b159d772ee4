/**
 * Kernels of `project`. A few rows of x are normed in every workgroup, which
 * costs less than a dispatch of its own; many are normed once, into scratch
 * memory. All weights of a use run in one dispatch: workgroups in order, first
 * those of the first weight. A weight that is split over bindings, or more of
 * them than a kernel may see, is spread over several dispatches.
 *
 * @module
 */

import type { Kernel, KernelContext, KernelList } from "../../core/kernel.ts";
import { sizeOf } from "../../core/shape.ts";
import type { ProjectAttrs } from "./project_attrs.ts";
import { piecesOf } from "./pieces.ts";
import { productKernel } from "./product_kernel.ts";
import { declareNorm, normRow } from "./norm_text.ts";
import { rolesOf } from "./roles.ts";

/** Most bytes of normed rows in workgroup memory. */
const STAGED_BYTES = 16384;

/** Most rows that every workgroup norms for itself. */
const STAGED_ROWS = 4;

/** Kernels of one use. */
export function projectKernels(
  context: KernelContext<ProjectAttrs>,
): KernelList {
  const { inputs: [x], attrs } = context;
  const k = x!.type.shape.at(-1)!, m = sizeOf(x!.type.shape) / k;
  const isStaged = attrs.norm !== undefined && k % 4 === 0 &&
    m <= STAGED_ROWS && 4 * k * 2 ** Math.ceil(Math.log2(m)) <= STAGED_BYTES;
  const isNormedFirst = attrs.norm !== undefined && !isStaged;
  const source = isStaged
    ? canInline(context) ? "inline" : "staged"
    : isNormedFirst
    ? "scratch"
    : "plain";
  const products = piecesOf(context).map((pieces) =>
    productKernel(context, pieces, source)
  );
  if (!isNormedFirst) return { kernels: products };
  return {
    kernels: [normKernel(context, m, k), ...products],
    scratch: [4 * m * k],
  };
}

/** Whether the product sees x in fours that lanes hand round. */
function canInline(
  { inputs, attrs, profile }: KernelContext<ProjectAttrs>,
): boolean {
  return attrs.norm!.kind === "rms" && profile.hasSubgroups &&
    rolesOf(attrs).weights.every((i) => inputs[i]!.layout?.block === 32);
}

/** Norms all rows into scratch memory 0, f32. */
function normKernel(
  { attrs, profile }: KernelContext<ProjectAttrs>,
  m: number,
  k: number,
): Kernel {
  const { kind, operands, eps } = attrs.norm!;
  const isVec4 = k % 4 === 0;
  const view = isVec4 ? "vec4" : "scalar";
  const text = { kind, operands, isVec4, lanes: profile.isSoftware ? 8 : 32 };
  const across = Math.min(m, 32768);
  const row = "(row_number * p.steps)";
  return {
    name: "project_norm",
    bindings: [
      { name: "x", of: 0, view },
      ...rolesOf(attrs).norm.map((of, i) => (
        { name: i === 0 ? "scale" : "shift", of, view }
      )),
      { name: "y", of: { scratch: 0 }, view, isWritten: true },
    ],
    params: { k, steps: isVec4 ? k / 4 : k, m, across, eps: { f32: eps } },
    workgroupSize: [text.lanes, 1, 1],
    workgroups: [across, Math.ceil(m / across), 1],
    declarations: declareNorm(text),
    body: `  let row_number = wid.y * p.across + wid.x;
  if (row_number >= p.m) { return; }
${normRow(text, row, (i, value) => `store_y(${row} + ${i}, ${value});`)}`,
  };
}
