/**
 * Plans one trace for a device: kernels chosen and compiled, temporaries
 * placed. Instances of the trace (layers) share the plan.
 *
 * @module
 */

import { dtypeBytes } from "../dtype.ts";
import { RookeryError } from "../errors.ts";
import { operandsOf, storageRoot } from "../graph.ts";
import type { Binding, DeviceProfile, Kernel, Operand } from "../kernel.ts";
import { opOf, packedOperands } from "../op.ts";
import { sizeOf } from "../shape.ts";
import type { Trace } from "../template.ts";
import type { Tensor } from "../tensor.ts";
import { guarded, packParams, writeWgsl } from "../wgsl.ts";
import { alignBytes } from "./buffers.ts";
import type { Pipeline, PipelineCache } from "./pipelines.ts";
import { type Lifetime, placeByLiveness } from "./place.ts";

/** Where a kernel's binding points, before an instance is known. */
export type Place =
  | { readonly kind: "input" | "output"; readonly name: string }
  | { readonly kind: "weight"; readonly name: string; readonly part: number }
  | { readonly kind: "constant"; readonly tensor: Tensor }
  | { readonly kind: "temporary"; readonly slot: number }
  | { readonly kind: "guard" };

/** A place and the bytes of it that a kernel sees. */
export interface PlacedBinding {
  /** Where. */
  readonly place: Place;
  /** Bytes from its start; 0 for a weight part, whose size is its own. */
  readonly bytes: number;
}

/** One dispatch of a trace, not yet compiled. */
export interface ChosenKernel {
  /** For messages and profiles. */
  readonly name: string;
  /** The kernel. */
  readonly kernel: Kernel;
  /** Whose kernel it is: the value that its op computes. */
  readonly tensor: Tensor;
  /** Operands of that op. */
  readonly inputs: readonly Operand[];
  /** Its result. */
  readonly output: Operand;
  /** Whether it is the first kernel of that op. */
  readonly isFirst: boolean;
  /** Uniform block; undefined where there is none. */
  readonly params: Uint8Array<ArrayBuffer> | undefined;
  /** Bindings 1, 2, … in order. */
  readonly bindings: readonly PlacedBinding[];
  /** Workgroups. */
  readonly workgroups: readonly [number, number, number];
}

/** Kernels of a trace and the memory they share. */
export interface KernelChoice {
  /** Dispatches in order. */
  readonly kernels: readonly ChosenKernel[];
  /** Bytes of each temporary slot. */
  readonly temporaries: readonly number[];
}

/** One dispatch of a planned trace. */
export interface PlannedKernel extends ChosenKernel {
  /** Compiled kernel. */
  readonly pipeline: Pipeline;
}

/** A planned trace. */
export interface TracePlan extends KernelChoice {
  /** Dispatches in order. */
  readonly kernels: readonly PlannedKernel[];
}

/** Packed weights of a trace by path, as an instance holds them. */
export type WeightOperands = (
  path: string,
) => Pick<Operand, "layout" | "parts">;

interface Step {
  readonly tensor: Tensor;
  readonly kernels: readonly Kernel[];
  readonly scratch: readonly number[];
  readonly inputs: readonly Operand[];
  readonly output: Operand;
}

/** A scratch buffer of a step, as a key for placement. */
interface ScratchKey {
  readonly step: number;
  readonly index: number;
}

/** What `planTrace` plans for. */
export interface TraceSetting {
  /** The device. */
  readonly profile: DeviceProfile;
  /** Its compiled kernels. */
  readonly pipelines: PipelineCache;
  /** Whether the program's guard holds the kernels back; see `Program`. */
  readonly isGuarded: boolean;
}

/** Plans a trace; `operandOf` tells how its weights lie on the device. */
export async function planTrace(
  trace: Trace,
  operandOf: WeightOperands,
  { profile, pipelines, isGuarded }: TraceSetting,
): Promise<TracePlan> {
  const { kernels, temporaries } = chooseKernels(trace, operandOf, profile);
  const planned: PlannedKernel[] = [];
  for (const chosen of kernels.map(isGuarded ? withGuard : (each) => each)) {
    const { kernel, inputs, output } = chosen;
    const source = writeWgsl(kernel, inputs, output);
    const pipeline = await pipelines.get(kernel, source, trace.name);
    planned.push({ ...chosen, pipeline });
  }
  return { kernels: planned, temporaries };
}

function withGuard(chosen: ChosenKernel): ChosenKernel {
  const guard: PlacedBinding = { place: { kind: "guard" }, bytes: 0 };
  return {
    ...chosen,
    kernel: guarded(chosen.kernel),
    bindings: [...chosen.bindings, guard],
  };
}

/**
 * The dispatches of a trace on a device like `profile`, and where their
 * buffers go; asks no device for anything.
 *
 * @throws {RookeryError} `limit` for what such a device cannot run
 */
export function chooseKernels(
  trace: Trace,
  operandOf: WeightOperands,
  profile: DeviceProfile,
): KernelChoice {
  const steps = trace.order
    .filter((tensor) => opOf(tensor) && !opOf(tensor)!.isView)
    .map((tensor) => makeStep(tensor, operandOf, profile));
  const placement = placeTemporaries(trace, steps);
  const kernels = steps.flatMap((step, i) =>
    step.kernels.map((kernel, stage): ChosenKernel => {
      checkWorkgroups(kernel, profile, trace.name);
      const hasParams = Object.keys(kernel.params).length > 0;
      const { tensor, inputs, output } = step;
      return {
        name: kernel.name,
        kernel,
        tensor,
        inputs,
        output,
        isFirst: stage === 0,
        params: hasParams ? packParams(kernel) : undefined,
        bindings: kernel.bindings.map((binding) => placement(step, i, binding)),
        workgroups: kernel.workgroups,
      };
    })
  );
  return { kernels, temporaries: placement.slots };
}

function makeStep(
  tensor: Tensor,
  operandOf: WeightOperands,
  profile: DeviceProfile,
): Step {
  const op = opOf(tensor)!;
  const packs = packedOperands(tensor);
  const inputs = operandsOf(tensor).map((operand, i): Operand => {
    const source = operand.source;
    const isPacked = source.kind === "weight" && packs.includes(i);
    return { type: operand, ...(isPacked ? operandOf(source.name) : {}) };
  });
  const output: Operand = { type: tensor };
  const attrs = tensor.source.kind === "op" ? tensor.source.attrs : {};
  const list = op.kernels({ inputs, output, attrs, profile });
  const { kernels, scratch = [] } = list;
  return { tensor, kernels, scratch, inputs, output };
}

function bytesOf(tensor: Tensor): number {
  return alignBytes(sizeOf(tensor.shape) * dtypeBytes(tensor.dtype));
}

type Placer = ((step: Step, at: number, binding: Binding) => PlacedBinding) & {
  readonly slots: readonly number[];
};

function placeTemporaries(trace: Trace, steps: readonly Step[]): Placer {
  const outputs = new Map<Tensor, string>();
  for (const [name, tensor] of Object.entries(trace.outputs)) {
    outputs.set(storageRoot(tensor), name);
  }
  const lifetimes = new Map<
    Tensor | ScratchKey,
    Lifetime<Tensor | ScratchKey>
  >();
  const scratchKeys: ScratchKey[][] = [];
  steps.forEach((step, at) => {
    for (const operand of operandsOf(step.tensor)) {
      const known = lifetimes.get(storageRoot(operand));
      if (known) lifetimes.set(known.key, { ...known, end: at });
    }
    const root = storageRoot(step.tensor);
    if (root.source.kind === "op" && !outputs.has(root)) {
      const bytes = bytesOf(root);
      lifetimes.set(root, { key: root, bytes, start: at, end: at });
    }
    scratchKeys.push(step.scratch.map((_, index) => ({ step: at, index })));
    for (const key of scratchKeys[at]!) {
      const bytes = alignBytes(step.scratch[key.index]!);
      lifetimes.set(key, { key, bytes, start: at, end: at });
    }
  });
  const { slots, slotOf } = placeByLiveness([...lifetimes.values()]);

  function placeOf(tensor: Tensor, part: number): Place {
    const root = storageRoot(tensor);
    const { source } = root;
    if (source.kind === "weight") {
      return { kind: source.kind, name: source.name, part };
    }
    if (source.kind === "constant") return { kind: "constant", tensor: root };
    if (source.kind !== "op") return { kind: "input", name: source.name };
    const output = outputs.get(root);
    if (output !== undefined) return { kind: "output", name: output };
    return { kind: "temporary", slot: slotOf.get(root)! };
  }

  function place(step: Step, at: number, binding: Binding): PlacedBinding {
    const { of, part = 0 } = binding;
    if (typeof of === "object") {
      const key = scratchKeys[at]![of.scratch]!;
      const bytes = alignBytes(step.scratch[of.scratch]!);
      return { place: { kind: "temporary", slot: slotOf.get(key)! }, bytes };
    }
    if (of === "guard") return { place: { kind: of }, bytes: 0 };
    const tensor = of === "output" ? step.tensor : operandsOf(step.tensor)[of]!;
    const isPacked = of !== "output" && step.inputs[of]!.layout !== undefined;
    return {
      place: placeOf(tensor, part),
      bytes: isPacked ? 0 : bytesOf(tensor),
    };
  }
  return Object.assign(place, { slots });
}

function checkWorkgroups(
  kernel: Kernel,
  profile: DeviceProfile,
  path: string,
): void {
  const most = Math.max(...kernel.workgroups);
  const size = kernel.workgroupSize.reduce((a, b) => a * b, 1);
  if (most <= profile.maxWorkgroups && size <= profile.maxInvocations) return;
  throw new RookeryError(
    "limit",
    `Cannot run kernel ${kernel.name} at ${path} as it wants ${most} ` +
      `workgroups along an axis and ${size} invocations in each: the device ` +
      `allows ${profile.maxWorkgroups} and ${profile.maxInvocations}`,
    { op: kernel.name, path },
  );
}
