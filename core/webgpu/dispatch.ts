/**
 * One recorded dispatch of a captured program.
 *
 * @module
 */

/** A kernel with all that it sees. */
export interface Dispatch {
  /** Compiled kernel. */
  readonly pipeline: GPUComputePipeline;
  /** What it sees. */
  readonly group: GPUBindGroup;
  /** Workgroups. */
  readonly workgroups: readonly [number, number, number];
}
