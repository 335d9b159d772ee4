/**
 * What the parts of the WebGPU device share.
 *
 * @module
 */

import type { DeviceArray, DeviceWeight } from "../device.ts";
import type { DType, HostArray } from "../dtype.ts";
import type { DeviceProfile, WeightPart } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import type { BufferSource, DeviceBuffer } from "./buffers.ts";
import type { PipelineCache } from "./pipelines.ts";

/** State memory on a WebGPU device. */
export interface WebGpuArray extends DeviceArray {
  /** Its buffer. */
  readonly buffer: DeviceBuffer;
}

/** A weight on a WebGPU device. */
export interface WebGpuWeight extends DeviceWeight {
  /** One buffer a part. */
  readonly buffers: readonly DeviceBuffer[];
  /** What kernels are told about it. */
  readonly operand: { layout?: PackedLayout; parts?: readonly WeightPart[] };
  /** Equal for weights that the same kernels can read. */
  readonly signature: string;
}

/** Part of a buffer to read. */
export interface BufferRange {
  /** The buffer. */
  readonly buffer: DeviceBuffer;
  /** How its elements are stored. */
  readonly dtype: DType;
  /** First element. */
  readonly start: number;
  /** Element after the last. */
  readonly end: number;
}

/** The opened device as its parts see it. */
export interface GpuContext {
  /** Facts that kernels are chosen by. */
  readonly profile: DeviceProfile;
  /** Compiled kernels. */
  readonly pipelines: PipelineCache;
  /** What buffers are made from. */
  readonly source: BufferSource;
  /** Throws the first fault the device has reported. */
  check(): void;
  /** Reads parts of buffers with one wait. */
  readBuffers(ranges: readonly BufferRange[]): Promise<HostArray[]>;
}
