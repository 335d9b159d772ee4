/**
 * One recorded dispatch of a captured program.
 *
 * @module
 */

import type { ChosenKernel } from "./trace_plan.ts";

/** A kernel with all that it sees. */
export interface Dispatch {
  /** Compiled kernel. */
  readonly pipeline: GPUComputePipeline;
  /** What it sees. */
  readonly group: GPUBindGroup;
  /** Workgroups. */
  readonly workgroups: readonly [number, number, number];
  /** What it is a dispatch of. */
  readonly chosen: ChosenKernel;
  /** Prefix of its segment's weights. */
  readonly prefix: string;
}
