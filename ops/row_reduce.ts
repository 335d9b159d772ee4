/**
 * Kernels that reduce rows: one workgroup a row, every lane takes its share
 * of it, shares are joined in a fixed order. Used by norms and softmax.
 *
 * @module
 */

import type { Binding, DeviceProfile, Kernel } from "../core/kernel.ts";
import { type Shape, sizeOf } from "../core/shape.ts";

/** How rows of a shape are seen best: a load of four costs little more than of one. */
export function rowView(shape: Shape): "vec4" | "scalar" {
  return (shape.at(-1) ?? 1) % 4 === 0 ? "vec4" : "scalar";
}

/** A kernel over the rows of a value, its last axis. */
export interface RowKernel {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Shape of the value whose rows are walked. */
  readonly shape: Shape;
  /** Buffers it sees. */
  readonly bindings: readonly Binding[];
  /**
   * How its row buffers are seen, `scalar` by default. With `vec4` it may be
   * used only where the width divides by four; see `rowView`.
   */
  readonly view?: "vec4" | "scalar";
  /** Uniforms beside `width`, `columns`, `rows` and `row_groups`. */
  readonly params?: Kernel["params"];
  /**
   * Statements; see `row` (first element of the row in units of type `V`),
   * `lane`, `p.width` in numbers and `p.columns` in `V`s, `sum_of(V)`,
   * `max_of(V)`, `first_of(V)`, and `join_sum(lane, x)`, `join_max(lane, x)`,
   * which all lanes must call.
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
  const isWide = kernel.view === "vec4";
  const rows = sizeOf(kernel.shape) / Math.max(1, width);
  const x = Math.max(1, Math.min(rows, 32768));
  return {
    name: kernel.name,
    bindings: kernel.bindings,
    params: {
      width,
      columns: isWide ? width / 4 : width,
      rows,
      row_groups: x,
      ...kernel.params,
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [x, Math.max(1, Math.ceil(rows / x)), 1],
    declarations: `${isWide ? VECTORS : SCALARS}
const LANES = ${lanes}u;
var<workgroup> shares: array<f32, LANES>;
${joinFunction("join_sum", "total + shares[i]")}
${joinFunction("join_max", "max(total, shares[i])")}`,
    body: `  let row_number = wid.y * p.row_groups + wid.x;
  if (row_number >= p.rows) { return; }
  let row = row_number * p.columns;
  let lane = lid.x;
${kernel.body}`,
  };
}

/** The loop over a row's elements `i` that belong to this lane. */
export function eachOfRow(statements: string): string {
  return `  for (var i = lane; i < p.columns; i += LANES) {
${statements}
  }`;
}

const SCALARS = `alias V = f32;
fn sum_of(x: V) -> f32 { return x; }
fn max_of(x: V) -> f32 { return x; }
fn first_of(x: V) -> f32 { return x; }`;

const VECTORS = `alias V = vec4<f32>;
fn sum_of(x: V) -> f32 { return (x.x + x.y) + (x.z + x.w); }
fn max_of(x: V) -> f32 { return max(max(x.x, x.y), max(x.z, x.w)); }
fn first_of(x: V) -> f32 { return x.x; }`;

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
