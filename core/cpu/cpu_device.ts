/**
 * The CPU device: programs run by the ops' CPU meanings. Complete and slow.
 *
 * @module
 */

import { decodeToF32 } from "../decode_stored.ts";
import type {
  Device,
  DeviceArray,
  DeviceWeight,
  Executable,
  ProgramBindings,
  WeightRequest,
} from "../device.ts";
import { createHostArray, dtypeBytes, type HostArray } from "../dtype.ts";
import type { DeviceProfile } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import { MemoryLedger } from "../memory.ts";
import { noted, type Profiler } from "../profile/profiler.ts";
import type { Program, WeightNeed } from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import type { TensorType } from "../tensor.ts";
import {
  CpuProgram,
  type CpuValues,
  type StreamedWeight,
} from "./cpu_program.ts";

/** A device that runs the ops' meanings. */
export class CpuDevice implements Device {
  /** Facts about it. */
  readonly profile: DeviceProfile = {
    name: "cpu",
    kind: "cpu",
    isSoftware: true,
    hasF16: true,
    hasSubgroups: false,
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    maxBufferBytes: Number.MAX_SAFE_INTEGER,
    maxBindings: Number.MAX_SAFE_INTEGER,
    maxInvocations: 1,
    maxWorkgroups: 1,
  };
  /** What it holds. */
  readonly memory: MemoryLedger;
  /** Notes what it does; undefined where it was not asked to. */
  readonly profiler: Profiler | undefined;

  /** Makes a device with a budget in bytes. */
  constructor(budgetBytes: number, profiler?: Profiler) {
    this.memory = new MemoryLedger(budgetBytes);
    this.profiler = profiler;
  }

  /** Makes zero-filled memory. */
  createArray(type: TensorType, name: string): DeviceArray {
    const length = sizeOf(type.shape);
    return this.#hold(
      "states",
      type,
      name,
      createHostArray(type.dtype, length),
    );
  }

  /** Copies all of `from` to the start of `to`. */
  copyArray(from: DeviceArray, to: DeviceArray): void {
    (to as CpuValues).values.set((from as CpuValues).values);
  }

  /** Reads a weight and rounds it as its layout would. */
  loadWeight(
    need: WeightNeed,
    stored: StoredTensor,
    layout: PackedLayout | undefined,
  ): Promise<DeviceWeight> {
    return noted(
      this.profiler,
      ["upload", need.name],
      () => this.#load("weights", { need, stored, layout }),
    );
  }

  /** Weights that are read whenever a segment needs them. */
  streamWeights(
    blocks: readonly (readonly WeightRequest[])[],
  ): Map<string, DeviceWeight> {
    return new Map(
      blocks.flat().map((request): [string, StreamedWeight] => [
        request.need.name,
        {
          type: { dtype: "f32", shape: request.need.shape },
          layout: request.layout,
          bring: () =>
            noted(
              this.profiler,
              ["stream", request.need.name],
              () => this.#load("staging", request),
            ),
          [Symbol.dispose]() {},
        },
      ]),
    );
  }

  async #load(
    kind: string,
    { need, stored, layout }: WeightRequest,
  ): Promise<CpuValues> {
    const type = { dtype: "f32" as const, shape: need.shape };
    const bytes = await stored.read(0, stored.sizeBytes);
    const rows = need.shape[0] ?? 1;
    const columns = sizeOf(need.shape) / rows;
    const values = layout
      ? layout.unpackRows(
        layout.packRows(stored.format, bytes, rows, columns),
        rows,
        columns,
      )
      : decodeToF32(stored.format, bytes);
    return this.#hold(kind, type, need.name, values, layout);
  }

  /** Binds a program. */
  compile(program: Program, bindings: ProgramBindings): Promise<Executable> {
    return Promise.resolve(new CpuProgram(program, bindings, this.profiler));
  }

  /** Copies parts of arrays. */
  readArrays(
    requests: readonly {
      readonly array: DeviceArray;
      readonly start: number;
      readonly end: number;
    }[],
  ): Promise<HostArray[]> {
    return Promise.all(
      requests.map(({ array, start, end }) => array.read(start, end)),
    );
  }

  /** Nothing to release but what its users hold. */
  [Symbol.dispose](): void {}

  #hold(
    kind: string,
    type: TensorType,
    name: string,
    values: HostArray,
    layout?: PackedLayout,
  ): CpuValues {
    const bytes = values.length * dtypeBytes(type.dtype);
    this.memory.take(kind, bytes, name);
    let isHeld = true;
    return {
      type,
      values,
      layout,
      write: (from, offset = 0) => values.set(from, offset),
      read: (start = 0, end = values.length) =>
        Promise.resolve(values.slice(start, end)),
      [Symbol.dispose]: () => {
        if (isHeld) this.memory.give(kind, bytes);
        isHeld = false;
      },
    };
  }
}
