/**
 * A program planned without a device: kernels chosen and buffers placed as for
 * a capture, nothing compiled and nothing allocated.
 *
 * @module
 */

import { dtypeBytes } from "../dtype.ts";
import type { DeviceProfile } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import type { Program } from "../program.ts";
import { sizeOf } from "../shape.ts";
import { packedWeights, type Trace } from "../template.ts";
import { alignBytes } from "./buffers.ts";
import {
  placeValues,
  sharedSlots,
  storageBytes,
  UNIFORM_STEP,
  uniformBytes,
} from "./place_values.ts";
import { chooseKernels, type KernelChoice } from "./trace_plan.ts";
import { splitRows } from "./weight_memory.ts";

/** Bytes that a captured program holds, by what they are for. */
export interface ProgramMemory {
  /** Written by the host. */
  readonly inputs: number;
  /** Between segments. */
  readonly values: number;
  /** Within segments. */
  readonly temporaries: number;
  /** Tables in the graphs. */
  readonly constants: number;
  /** Sizes that kernels are told. */
  readonly uniforms: number;
}

/** A planned program. */
export interface ProgramPlan {
  /** Dispatches of each trace of the program. */
  readonly kernels: ReadonlyMap<Trace, KernelChoice>;
  /** Dispatches of one run. */
  readonly dispatches: number;
  /** What it holds beside weights and states. */
  readonly memory: ProgramMemory;
  /** The largest single buffer of it, in bytes. */
  readonly largestBuffer: number;
  /** The largest range that one kernel sees, weights aside, in bytes. */
  readonly largestBinding: number;
}

/**
 * Plans a program for a device like `profile`, with packed weights in `layout`.
 *
 * @throws {RookeryError} `limit` for what such a device cannot run
 */
export function planProgram(
  program: Program,
  profile: DeviceProfile,
  layout: PackedLayout,
): ProgramPlan {
  const kernels = new Map<Trace, KernelChoice>();
  let dispatches = 0;
  for (const { trace } of program.segments) {
    const chosen = kernels.get(trace) ?? choose(trace, profile, layout);
    kernels.set(trace, chosen);
    dispatches += chosen.kernels.length;
  }
  const choices = [...kernels.values()];
  const all = choices.flatMap((choice) => choice.kernels);
  const buffers = {
    inputs: program.inputs.map(storageBytes),
    values: placeValues(program).slots,
    temporaries: sharedSlots(choices.map(({ temporaries }) => temporaries)),
    constants: [...kernels.keys()].flatMap(constantsOf),
    uniforms: [
      all.reduce(
        (sum, { params }) => params ? sum + uniformBytes(params) : sum,
        0,
      ) || UNIFORM_STEP,
    ],
  };
  const lists = Object.entries(buffers).map(([kind, sizes]) =>
    [kind, sizes.reduce((a, b) => a + b, 0)] as const
  );
  const bindings = all.flatMap(({ bindings }) => bindings);
  return {
    kernels,
    dispatches,
    memory: Object.fromEntries(lists) as unknown as ProgramMemory,
    largestBuffer: Object.values(buffers).flat().reduce(larger, 0),
    largestBinding: bindings.map(({ bytes }) => bytes).reduce(larger, 0),
  };
}

function choose(
  trace: Trace,
  profile: DeviceProfile,
  layout: PackedLayout,
): KernelChoice {
  const packed = packedWeights(trace);
  return chooseKernels(trace, (path) => {
    if (!packed.has(path)) return {};
    const { shape } = trace.weights.get(path)!;
    const rows = shape[0]!, columns = sizeOf(shape) / rows;
    const tileBytes = layout.tileBytes(columns);
    return { layout, parts: splitRows(rows, tileBytes, profile) };
  }, profile);
}

function constantsOf({ order }: Trace): number[] {
  return order.filter(({ source }) => source.kind === "constant")
    .map(({ shape, dtype }) => alignBytes(sizeOf(shape) * dtypeBytes(dtype)));
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}
