/**
 * Kernels that reduce rows: one workgroup a row, every lane takes its share
 * of it, shares are joined in a fixed order. Used by norms and softmax.
 *
 * @module
 */

import type { Binding, DeviceProfile, Kernel } from "../core/kernel.ts";
import { type Shape, sizeOf } from "../core/shape.ts";

/** A kernel over the rows of a value, its last axis. */
export interface RowKernel {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Shape of the value whose rows are walked. */
  readonly shape: Shape;
  /** Buffers it sees. */
  readonly bindings: readonly Binding[];
  /** Uniforms beside `width`, `rows` and `row_groups`. */
  readonly params?: Kernel["params"];
  /**
   * Statements; see `row` (first element of the row), `lane`, `p.width` and
   * `join_sum(lane, x)`, `join_max(lane, x)`, which all lanes must call.
   */
  readonly body: string;
}

/** Writes the kernel, for a GPU where no device is given. */
export function writeRowKernel(
  kernel: RowKernel,
  profile?: DeviceProfile,
): Kernel {
  // Joining costs a step a lane: on software devices eight lanes are one
  // vector, and more only cost more.
  const lanes = profile?.isSoftware ? 8 : 32;
  const width = kernel.shape.at(-1) ?? 1;
  const rows = sizeOf(kernel.shape) / Math.max(1, width);
  const x = Math.max(1, Math.min(rows, 32768));
  return {
    name: kernel.name,
    bindings: kernel.bindings,
    params: { width, rows, row_groups: x, ...kernel.params },
    workgroupSize: [lanes, 1, 1],
    workgroups: [x, Math.max(1, Math.ceil(rows / x)), 1],
    declarations: `const LANES = ${lanes}u;
var<workgroup> shares: array<f32, LANES>;
${joinFunction("join_sum", "total + shares[i]")}
${joinFunction("join_max", "max(total, shares[i])")}`,
    body: `  let row_number = wid.y * p.row_groups + wid.x;
  if (row_number >= p.rows) { return; }
  let row = row_number * p.width;
  let lane = lid.x;
${kernel.body}`,
  };
}

/** The loop over a row's elements `i` that belong to this lane. */
export function eachOfRow(statements: string): string {
  return `  for (var i = lane; i < p.width; i += LANES) {
${statements}
  }`;
}

function joinFunction(name: string, value: string): string {
  return `fn ${name}(lane: u32, x: f32) -> f32 {
  shares[lane] = x;
  workgroupBarrier();
  var total: f32 = shares[0];
  for (var i = 1u; i < LANES; i++) { total = ${value}; }
  // Nobody may write the next shares while somebody still reads these.
  workgroupBarrier();
  return total;
}`;
}
