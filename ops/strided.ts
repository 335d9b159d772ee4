/**
 * The one kernel behind every op that computes each element from one element
 * of each operand: broadcasting, transposes, slices, joins, casts. Where an
 * element lies in an operand is said by steps, elements moved a step along
 * each axis; step 0 repeats.
 *
 * @module
 */

import type { Binding, DeviceProfile, Kernel } from "../core/kernel.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";

/** How the elements of a value are reached. */
export interface StridedView {
  /** Elements to move along each axis of the shape that is walked. */
  readonly steps: readonly number[];
  /** Element where the walk starts; 0 by default. */
  readonly offset?: number;
}

/** A walk over a shape. */
export interface StridedKernel {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Shape that is walked. */
  readonly shape: Shape;
  /** Where operands `a`, `b`, … lie; operand i of the op by default. */
  readonly operands: readonly (StridedView & { readonly of?: number })[];
  /** Where results go; the output in order by default. */
  readonly result?: StridedView;
  /** Expression over `a`, `b`, … */
  readonly value: string;
  /** Whether `value` also holds for four elements at once. */
  readonly isVector: boolean;
}

/** Steps of an operand of shape `from` that broadcasts to `shape`. */
export function broadcastSteps(from: Shape, shape: Shape): number[] {
  const strides = stridesOf(from);
  return shape.map((_, axis) => {
    const own = axis - shape.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : strides[own]!;
  });
}

/** Maps a flat index of `shape` to the element at which a view has it. */
export function stridedIndex(
  shape: Shape,
  { steps, offset = 0 }: StridedView,
): (i: number) => number {
  return (i) => {
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (i % shape[axis]!) * steps[axis]!;
      i = Math.floor(i / shape[axis]!);
    }
    return at;
  };
}

/** Axes that are walked, merged as far as all views allow. */
interface Walk {
  readonly shape: readonly number[];
  /** Steps of each view along them. */
  readonly steps: readonly (readonly number[])[];
}

/** Drops axes of size 1 and merges neighbours that every view walks as one. */
function mergeAxes(
  shape: Shape,
  views: readonly (readonly number[])[],
): Walk {
  const sizes: number[] = [];
  const steps: number[][] = views.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const isOne = sizes.length > 0 &&
      views.every((view, v) => steps[v]!.at(-1) === view[axis]! * size);
    if (isOne) {
      sizes.push(sizes.pop()! * size);
      views.forEach((view, v) => steps[v]!.splice(-1, 1, view[axis]!));
    } else {
      sizes.push(size);
      views.forEach((view, v) => steps[v]!.push(view[axis]!));
    }
  });
  if (sizes.length > 0) return { shape: sizes, steps };
  return { shape: [1], steps: views.map(() => [1]) };
}

/** A kernel as `writeStrided` needs it: walked axes and one row of lanes. */
interface Plan {
  readonly walk: Walk;
  readonly views: readonly StridedView[];
  /** Whether each lane takes four neighbours. */
  readonly isVector: boolean;
  /** Lanes along the last axis. */
  readonly lanes: number;
  /** Rows: all other axes together. */
  readonly rows: number;
}

function planWalk(kernel: StridedKernel): Plan {
  const { shape, operands, result } = kernel;
  const views = [...operands, result ?? { steps: stridesOf(shape) }];
  const walk = mergeAxes(shape, views.map(({ steps }) => steps));
  const inner = walk.shape.at(-1)!;
  const isVector = kernel.isVector && inner % 4 === 0 &&
    walk.steps.every((steps, v) => {
      const last = steps.at(-1)!;
      if (last === 0) return v < operands.length;
      return last === 1 && (views[v]!.offset ?? 0) % 4 === 0 &&
        steps.slice(0, -1).every((step) => step % 4 === 0);
    });
  const lanes = isVector ? inner / 4 : inner;
  return { walk, views, isVector, lanes, rows: sizeOf(walk.shape) / inner };
}

/** Writes the kernel for a device. */
export function writeStrided(
  kernel: StridedKernel,
  profile: DeviceProfile,
): Kernel {
  const plan = planWalk(kernel);
  const { walk, views, isVector, lanes, rows } = plan;
  const names = views.map((_, v) =>
    v === views.length - 1 ? "y" : "abcdefgh"[v]!
  );
  const params: Record<string, number> = {};
  walk.shape.forEach((size, axis) => params[`size${axis}`] = size);
  views.forEach(({ offset = 0 }, v) => {
    params[`${names[v]}_at`] = offset;
    walk.steps[v]!.forEach((step, axis) =>
      params[`${names[v]}_step${axis}`] = step
    );
  });
  // Rows of workgroups keep index arithmetic out of the lanes; short rows
  // would leave most lanes idle, so there every lane finds its own place.
  const isRowwise = lanes >= (profile.isSoftware ? 8 : 64);
  const grid = isRowwise ? rowGrid(lanes, rows) : flatGrid(lanes, rows);
  return {
    name: kernel.name,
    bindings: bindingsOf(kernel, plan, names),
    params: { ...grid.params, ...params },
    workgroupSize: grid.workgroupSize,
    workgroups: grid.workgroups,
    body: [
      grid.body,
      ...rowIndex(walk.shape.length - 1, names),
      ...kernel.operands.map((_, v) => loadText(plan, v, names[v]!)),
      `  store_y(${indexText(plan, views.length - 1, "y")}, ${
        isVector && kernel.operands.length === 0
          ? `vec4(${kernel.value})`
          : kernel.value
      });`,
    ].join("\n"),
  };
}

function bindingsOf(
  kernel: StridedKernel,
  { walk, isVector }: Plan,
  names: readonly string[],
): Binding[] {
  const wide = isVector ? "vec4" : "scalar";
  const operands = kernel.operands.map(({ of }, v): Binding => ({
    name: names[v]!,
    of: of ?? v,
    view: walk.steps[v]!.at(-1) === 0 ? "scalar" : wide,
  }));
  return [
    ...operands,
    { name: "y", of: "output", view: wide, isWritten: true },
  ];
}

interface Grid {
  readonly workgroupSize: readonly [number, number, number];
  readonly workgroups: readonly [number, number, number];
  readonly params: Readonly<Record<string, number>>;
  readonly body: string;
}

/** One row of lanes a workgroup row; `row` is the same for a workgroup. */
function rowGrid(lanes: number, rows: number): Grid {
  const width = Math.min(64, Math.ceil(lanes / 8) * 8);
  const y = Math.min(rows, 32768);
  return {
    workgroupSize: [width, 1, 1],
    workgroups: [Math.ceil(lanes / width), y, Math.ceil(rows / y)],
    params: { lanes, rows, row_groups: y },
    body: `  let j = gid.x;
  let row = wid.z * p.row_groups + wid.y;
  if (j >= p.lanes || row >= p.rows) { return; }`,
  };
}

function flatGrid(lanes: number, rows: number): Grid {
  const flat = flatDispatch(lanes * rows);
  return {
    workgroupSize: flat.workgroupSize,
    workgroups: flat.workgroups,
    params: { ...flat.params, lanes },
    body: `${FLAT_INDEX}\n  let row = i / p.lanes;\n  let j = i % p.lanes;`,
  };
}

/** Statements that split `row` into axes and start each view's index. */
function rowIndex(outer: number, names: readonly string[]): string[] {
  const lines = outer > 0 ? ["  var rest = row;"] : [];
  for (const name of names) lines.push(`  var ${name}_row = p.${name}_at;`);
  for (let axis = outer - 1; axis >= 0; axis--) {
    const at = axis === 0 ? "rest" : `at${axis}`;
    if (axis > 0) lines.push(`  let ${at} = rest % p.size${axis};`);
    for (const name of names) {
      lines.push(`  ${name}_row += ${at} * p.${name}_step${axis};`);
    }
    if (axis > 0) lines.push(`  rest /= p.size${axis};`);
  }
  return lines;
}

/** Index of this lane's element (or four elements) in a view. */
function indexText({ walk, isVector }: Plan, v: number, name: string): string {
  const axis = walk.shape.length - 1;
  const step = walk.steps[v]![axis]!;
  if (step === 0) return `${name}_row`;
  if (isVector) return `${name}_row / 4u + j`;
  return step === 1
    ? `${name}_row + j`
    : `${name}_row + j * p.${name}_step${axis}`;
}

function loadText(plan: Plan, v: number, name: string): string {
  const load = `load_${name}(${indexText(plan, v, name)})`;
  const isRepeated = plan.walk.steps[v]!.at(-1) === 0;
  return `  let ${name} = ${
    plan.isVector && isRepeated ? `vec4(${load})` : load
  };`;
}
