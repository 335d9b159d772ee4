/**
 * Whether a device can hold a model, and if not, why.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import { RookeryError } from "../core/errors.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import { showBytes } from "../core/memory.ts";
import type { Program, WeightNeed } from "../core/program.ts";
import {
  planProgram,
  type ProgramMemory,
} from "../core/webgpu/plan_program.ts";
import { storageBytes } from "../core/webgpu/place_values.ts";
import {
  checkDense,
  denseBytes,
  weightBytes,
} from "../core/webgpu/weight_memory.ts";
import {
  type Activations,
  FIRST_PICTURES,
  FIRST_TOKENS,
  rowSizes,
} from "../models/generation/pool_sizes.ts";
import { PAGE_SLOTS } from "../ops/cache_type.ts";
import type { BuiltParts } from "./built_parts.ts";
import {
  type DevicePlan,
  PLANNED_DTYPES,
  PLANNED_LAYOUTS,
  type PlannedDtype,
} from "./model_plan.ts";
import type { ModelOutline } from "./outline_model.ts";
import { plannedLayout } from "./planned_layout.ts";
import { outlinePrograms } from "./outline_programs.ts";

/** What a device is asked for. */
export type PlannedDevice = Pick<Device, "profile" | "memory">;

/** What `planDevice` needs beside the model. */
export interface DeviceQuestion {
  /** The device, or why there is none. */
  readonly device: PlannedDevice | { readonly absent: string };
  /** How values between layers and caches are kept. */
  readonly activations: Activations;
}

/** Asks whether a device can hold a model with these weights. */
export function planDevice(
  outline: ModelOutline,
  needs: readonly WeightNeed[],
  { device, activations }: DeviceQuestion,
): DevicePlan {
  if ("absent" in device) {
    const fits = Object.fromEntries(PLANNED_DTYPES.map((each) => [each, null]));
    const why = [device.absent];
    return {
      name: null,
      memoryBytes: null,
      fits,
      why,
    } as unknown as DevicePlan;
  }
  const { name, hasF16 } = device.profile;
  const { budgetBytes } = device.memory;
  const isUnknown = budgetBytes >= Number.MAX_SAFE_INTEGER;
  const context = outline.parts.language?.value.context ?? 0;
  const programs = Object.values(outlinePrograms(outline, {
    pages: FIRST_TOKENS / PAGE_SLOTS,
    pictures: FIRST_PICTURES,
    ...rowSizes(context),
    activations,
  }));
  const fits: Partial<Record<PlannedDtype, boolean>> = {};
  const why: string[] = [];
  if (isUnknown) {
    why.push(
      `nobody tells how much memory ${name} has: only its limits were looked ` +
        "at; name a size to have it compared",
    );
  }
  if (activations === "f16" && !hasF16) {
    why.push(`${name} has no f16 in kernels, which values between layers need`);
  }
  const faults = new Map<string, PlannedDtype[]>();
  for (const dtype of PLANNED_DTYPES) {
    const found = faultsOf(programs, needs, {
      device,
      dtype,
      parts: outline.parts,
    });
    fits[dtype] = found.length === 0 && (activations === "f32" || hasF16);
    for (const fault of found) {
      faults.set(fault, [...faults.get(fault) ?? [], dtype]);
    }
  }
  for (const [fault, dtypes] of faults) {
    why.push(`${dtypes.join(", ")}: ${fault}`);
  }
  return {
    name,
    memoryBytes: isUnknown ? null : budgetBytes,
    fits: fits as Record<PlannedDtype, boolean>,
    why,
  };
}

/** One precision on one device. */
interface Fit {
  readonly device: PlannedDevice;
  readonly dtype: PlannedDtype;
  readonly parts: BuiltParts;
}

function faultsOf(
  programs: readonly Program[],
  needs: readonly WeightNeed[],
  { device, dtype, parts }: Fit,
): string[] {
  const { profile, memory } = device;
  const layout = layoutNamed(PLANNED_LAYOUTS[dtype]);
  const faults: string[] = [];
  // The CPU device keeps the values that packed weights stand for.
  const isCpu = profile.kind === "cpu";
  let weights = 0;
  for (const need of needs) {
    weights += isCpu
      ? denseBytes(need)
      : weightBytes(need, plannedLayout(need, dtype, parts));
    if (need.isPacked || isCpu) continue;
    attempt(faults, () => checkDense(need, profile));
  }
  const states = new Map(
    programs.flatMap((program) => program.states)
      .map((state) => [state.name, storageBytes(state)]),
  );
  for (const [name, bytes] of states) {
    const most = Math.min(profile.maxBufferBytes, profile.maxBindingBytes);
    if (bytes <= most) continue;
    faults.push(
      `cache ${name} takes ${showBytes(bytes)} and a kernel sees at most ` +
        showBytes(most),
    );
  }
  let values = 0;
  for (const program of isCpu ? [] : programs) {
    attempt(faults, () => {
      const plan = planProgram(program, profile, layout);
      values += sum(Object.values(plan.memory as ProgramMemory & Sizes));
      const { largestBuffer, largestBinding } = plan;
      if (
        largestBuffer <= profile.maxBufferBytes &&
        largestBinding <= profile.maxBindingBytes
      ) return;
      faults.push(
        `program ${program.name} wants a value of ` +
          `${
            showBytes(Math.max(largestBuffer, largestBinding))
          } and a kernel ` +
          `sees at most ${showBytes(profile.maxBindingBytes)}`,
      );
    });
  }
  const caches = sum([...states.values()]);
  const all = weights + caches + values;
  if (all > memory.budgetBytes) {
    faults.push(
      `${showBytes(weights)} of weights, ${showBytes(caches)} of caches and ` +
        `${showBytes(values)} of values are ${showBytes(all)}: the budget is ` +
        showBytes(memory.budgetBytes),
    );
  }
  return faults;
}

type Sizes = Readonly<Record<string, number>>;

function attempt(faults: string[], step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    faults.push(error.message);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
