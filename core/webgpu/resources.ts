/**
 * What the parts of the WebGPU device share.
 *
 * @module
 */

import type { DeviceArray, DeviceWeight, WeightRequest } from "../device.ts";
import type { DType, HostArray } from "../dtype.ts";
import type { DeviceProfile, WeightPart } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import type { BufferSource, DeviceBuffer } from "./buffers.ts";
import type { Dispatch } from "./dispatch.ts";
import type { DispatchTimer } from "./dispatch_timer.ts";
import type { PipelineCache } from "./pipelines.ts";

/** State memory on a WebGPU device. */
export interface WebGpuArray extends DeviceArray {
  /** Its buffer. */
  readonly buffer: DeviceBuffer;
}

/** Part of a buffer that is bound as one. */
export interface BufferSpan {
  /** The buffer. */
  readonly buffer: DeviceBuffer;
  /** First byte. */
  readonly offset: number;
  /** Bytes. */
  readonly bytes: number;
}

/** How a weight lies on a device, wherever that is. */
export interface WeightPlacement {
  /** Bytes of each part. */
  readonly bytes: readonly number[];
  /** What kernels are told about it. */
  readonly operand: { layout?: PackedLayout; parts?: readonly WeightPart[] };
  /** Equal for weights that the same kernels can read. */
  readonly signature: string;
}

/** Brings weights to staging areas of the device whenever they are needed. */
export interface WeightBringer {
  /** Where weights of one block will lie in an area, 0 or 1. */
  place(weights: readonly WebGpuWeight[], area: number): WeightFill;
  /** Submits stages in order, each when its weights have come. */
  walk(
    stages: readonly Stage[],
    submit: (dispatches: readonly Dispatch[]) => void,
  ): Promise<void>;
}

/** Weights that a stage waits for. */
export interface WeightFill {
  /** Who brings them. */
  readonly bringer: WeightBringer;
  /** Where they will be. */
  readonly spans: ReadonlyMap<WebGpuWeight, readonly BufferSpan[]>;
}

/** What of a program runs in one go. */
export interface Stage {
  /** Weights that must come first; undefined for none. */
  readonly fill: WeightFill | undefined;
  /** Dispatches in order. */
  readonly dispatches: readonly Dispatch[];
}

/** A weight that comes to the device whenever a program needs it. */
export interface StreamedWeight {
  /** Who brings it. */
  readonly bringer: WeightBringer;
  /** Where it comes from. */
  readonly request: WeightRequest;
}

/** A weight on a WebGPU device. */
export interface WebGpuWeight extends DeviceWeight {
  /** How it lies. */
  readonly placement: WeightPlacement;
  /** Where its parts lie; none for one that is streamed. */
  readonly spans: readonly BufferSpan[];
  /** Set for one that is streamed. */
  readonly streamed?: StreamedWeight;
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
  /** Runs dispatches with their times noted, where the device profiles. */
  readonly timer: DispatchTimer | undefined;
  /** Throws the first fault the device has reported. */
  check(): void;
  /** Reads parts of buffers with one wait. */
  readBuffers(ranges: readonly BufferRange[]): Promise<HostArray[]>;
}
