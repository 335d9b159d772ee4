/**
 * What models ask of a device: memory for states, weights, and programs that
 * run. Two kinds exist: `webgpu/` runs kernels, `cpu/` the ops' meanings.
 *
 * @module
 */

import type { HostArray } from "./dtype.ts";
import type { DeviceProfile } from "./kernel.ts";
import type { PackedLayout } from "./layouts/layout.ts";
import type { MemoryLedger } from "./memory.ts";
import type { Profiler } from "./profile/profiler.ts";
import type { Program, WeightNeed } from "./program.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import type { TensorType } from "./tensor.ts";

/** Memory that outlives runs, e.g. a KV cache. */
export interface DeviceArray extends Disposable {
  /** Number type and sizes. */
  readonly type: TensorType;
  /** Overwrites elements from `offset` on. */
  write(values: HostArray, offset?: number): void;
  /** Elements `[start, end)`, the whole array by default. */
  read(start?: number, end?: number): Promise<HostArray>;
}

/** A weight on a device. */
export interface DeviceWeight extends Disposable {
  /** Sizes. */
  readonly type: TensorType;
  /** How it lies there; undefined for dense f32. */
  readonly layout: PackedLayout | undefined;
}

/** A weight, where it is stored, and how it is to lie on the device. */
export interface WeightRequest {
  /** What programs need. */
  readonly need: WeightNeed;
  /** Where its values are; they are read in slices. */
  readonly stored: StoredTensor;
  /** Its layout; undefined for dense f32. */
  readonly layout: PackedLayout | undefined;
}

/** What a program is bound to. */
export interface ProgramBindings {
  /** Weights by full name. */
  readonly weights: ReadonlyMap<string, DeviceWeight>;
  /** States by name. */
  readonly states: ReadonlyMap<string, DeviceArray>;
}

/** A program ready to run. */
export interface Executable extends Disposable {
  /** Writes an input. */
  write(input: string, values: HostArray): void;
  /**
   * Runs all segments, `times` over; returns before the device is done. Where
   * weights are streamed it gives a promise, to be awaited before anything
   * else is asked of the program.
   */
  run(times?: number): void | Promise<void>;
  /** Values of outputs after the last run; one wait for all of them. */
  read(...outputs: readonly string[]): Promise<HostArray[]>;
}

/** A device. Disposing it releases everything that was made by it. */
export interface Device extends Disposable {
  /** Facts that kernels are chosen by. */
  readonly profile: DeviceProfile;
  /** What it holds. */
  readonly memory: MemoryLedger;
  /** Notes where time goes; undefined where `createDevice` was not asked to. */
  readonly profiler?: Profiler | undefined;
  /** Makes zero-filled memory. */
  createArray(type: TensorType, name: string): DeviceArray;
  /** Copies all of `from` to the start of `to`, which may be larger. */
  copyArray(from: DeviceArray, to: DeviceArray): void;
  /** Brings a weight from its file, in slices; `layout` for packed ones. */
  loadWeight(
    need: WeightNeed,
    stored: StoredTensor,
    layout: PackedLayout | undefined,
  ): Promise<DeviceWeight>;
  /**
   * Weights that stay where they are stored and come to the device whenever a
   * program needs them, block by block: each list is a block, whose weights
   * come together. Two staging areas as large as the largest block are taken,
   * until all of the weights are disposed.
   */
  streamWeights(
    blocks: readonly (readonly WeightRequest[])[],
  ): Map<string, DeviceWeight>;
  /** Plans a program: kernels chosen, buffers placed, bind groups made. */
  compile(program: Program, bindings: ProgramBindings): Promise<Executable>;
  /** Reads parts of several arrays with one wait. */
  readArrays(
    requests: readonly {
      readonly array: DeviceArray;
      readonly start: number;
      readonly end: number;
    }[],
  ): Promise<HostArray[]>;
}
