/**
 * The programs of a model in outline as plain data.
 *
 * @module
 */

import { describeProgram } from "../core/describe_program.ts";
import { RookeryError } from "../core/errors.ts";
import type { DeviceProfile } from "../core/kernel.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import type { ProgramGraph } from "../core/program_graph.ts";
import { planProgram } from "../core/webgpu/plan_program.ts";
import type { ModelOutline } from "./outline_model.ts";
import { outlinePrograms, type ProgramName } from "./outline_programs.ts";

/** What programs are planned for. */
export interface PlannedFor {
  /** A WebGPU device. */
  readonly profile: DeviceProfile;
  /** Layout of matrices: `f32`, `f16`, `q8_0` or `q4_1`. */
  readonly layout: string;
}

/**
 * Graphs of a model's programs: with `planned`, kernels are chosen and buffers
 * placed as that device would have them; nothing is allocated.
 *
 * @throws {RookeryError} `device` for one that has no kernels, `limit` for what
 * the device cannot run
 */
export function outlineGraphs(
  outline: ModelOutline,
  planned?: PlannedFor,
): Readonly<Partial<Record<ProgramName, ProgramGraph>>> {
  if (planned?.profile.kind === "cpu") {
    throw new RookeryError(
      "device",
      "Cannot plan programs for the device cpu as it runs ops without kernels: " +
        "choose a WebGPU device",
      { actual: "cpu" },
    );
  }
  const programs = Object.entries(outlinePrograms(outline));
  return Object.fromEntries(programs.map(([name, program]) => {
    if (planned === undefined) return [name, describeProgram(program)];
    const { profile, layout } = planned;
    const plan = planProgram(program, profile, layoutNamed(layout));
    const described = { plan, device: profile.name, layout };
    return [name, describeProgram(program, described)];
  }));
}
