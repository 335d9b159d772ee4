/**
 * Kernels of the rarer products, one lane a result: right sides with leading
 * axes, and packed weights read along their columns (gradients need them).
 *
 * @module
 */

import type {
  Binding,
  Kernel,
  KernelContext,
  KernelList,
} from "../../core/kernel.ts";
import { rowBlocks } from "../../core/layouts/layout.ts";
import { matmulSizes } from "./sizes.ts";

/** Lanes of a workgroup, along n. */
const LANES = 64;

/** Kernels for any operands that fit. */
export function plainKernels(
  context: KernelContext<{ readonly isTransposed?: boolean }>,
): KernelList {
  const parts = context.inputs[1]!.parts;
  if (parts === undefined) return { kernels: [plain(context)] };
  // A packed weight [k, n] may be split along k; later parts add to the sums.
  return {
    kernels: parts.map((_, part) => plain(context, part)),
  };
}

function plain(
  { inputs, attrs, profile }: KernelContext<
    { readonly isTransposed?: boolean }
  >,
  part?: number,
): Kernel {
  const { isTransposed = false } = attrs;
  const types = inputs.map(({ type }) => type);
  const { batch, m, n, k } = matmulSizes(types, isTransposed);
  const { layout, parts } = inputs[1]!;
  const { start, end } = part === undefined
    ? { start: 0, end: k }
    : parts![part]!;
  const right: Binding = layout === undefined
    ? { name: "b", of: 1, view: "scalar" }
    : { name: "b", of: 1, part: part!, view: layout.element };
  const [stepN, stepK] = isTransposed ? [k, 1] : [1, n];
  const value = layout === undefined
    ? "load_b(base + i * p.step_k)"
    : "b_at(i - p.k_start, column, p.blocks)";
  const rows = batch * m;
  const across = Math.min(rows, profile.maxWorkgroups);
  return {
    name: "matmul_plain",
    bindings: [
      { name: "a", of: 0, view: "scalar" },
      right,
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      m,
      n,
      k,
      rows,
      across,
      step_n: stepN,
      step_k: stepK,
      k_start: start,
      k_end: end,
      blocks: layout ? rowBlocks(layout, n) : 0,
    },
    workgroupSize: [LANES, 1, 1],
    workgroups: [
      Math.ceil(n / LANES),
      across,
      Math.ceil(rows / across),
    ],
    ...(layout ? { declarations: layout.at("b") } : {}),
    body: `  let column = gid.x;
  let row = wid.z * p.across + wid.y;
  if (column >= p.n || row >= p.rows) { return; }
  let base = (row / p.m) * p.n * p.k + column * p.step_n;
  var sum = ${part ? "load_y(row * p.n + column)" : "0.0"};
  for (var i = p.k_start; i < p.k_end; i += 1u) {
    sum += load_a(row * p.k + i) * ${value};
  }
  store_y(row * p.n + column, sum);`,
  };
}
