/**
 * The WebGPU device: owns buffers and pipelines, reads back, reports faults.
 *
 * @module
 */

import type {
  Device,
  DeviceArray,
  Executable,
  ProgramBindings,
  WeightRequest,
} from "../device.ts";
import { dtypeBytes, type HostArray } from "../dtype.ts";
import { RookeryError } from "../errors.ts";
import type { DeviceProfile } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import { MemoryLedger } from "../memory.ts";
import { noted, type Profiler } from "../profile/profiler.ts";
import type { Program, WeightNeed } from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import type { TensorType } from "../tensor.ts";
import type { OpenedAdapter } from "./adapter.ts";
import { type BufferSource, createBuffer, toDeviceBytes } from "./buffers.ts";
import type { DispatchTimer } from "./dispatch_timer.ts";
import { captureProgram } from "./executable.ts";
import { PipelineCache } from "./pipelines.ts";
import type {
  BufferRange,
  GpuContext,
  WebGpuArray,
  WebGpuWeight,
} from "./resources.ts";
import { readRanges } from "./read_ranges.ts";
import { uploadWeight } from "./upload.ts";
import { WeightStream } from "./weight_stream.ts";

/** A device that runs kernels. */
export class WebGpuDevice implements Device, GpuContext {
  /** Facts that kernels are chosen by. */
  readonly profile: DeviceProfile;
  /** What it holds. */
  readonly memory: MemoryLedger;
  /** Compiled kernels. */
  readonly pipelines: PipelineCache;
  /** What buffers are made from. */
  readonly source: BufferSource;
  /** Times its dispatches, where it profiles. */
  readonly timer: DispatchTimer | undefined;
  readonly #held = new Set<Disposable>();
  #fault: RookeryError | undefined;
  #isDisposed = false;

  /** Wraps an opened adapter; `createDevice` is the usual way in. */
  constructor(
    { gpu, profile }: OpenedAdapter,
    budgetBytes: number,
    timer?: DispatchTimer,
  ) {
    this.profile = profile;
    this.timer = timer;
    this.memory = new MemoryLedger(budgetBytes);
    this.pipelines = new PipelineCache(gpu, timer?.profiler);
    const { maxBufferBytes } = profile;
    this.source = { gpu, memory: this.memory, maxBufferBytes };
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event as GPUUncapturedErrorEvent;
      this.#fault ??= faultOf(error, profile.name);
    });
    gpu.lost.then(({ message }) => {
      if (!this.#isDisposed) this.#fault ??= lostDevice(profile.name, message);
    });
  }

  /** Notes what it does; undefined where it was not asked to. */
  get profiler(): Profiler | undefined {
    return this.timer?.profiler;
  }

  /** Throws the first fault the device has reported since it was opened. */
  check(): void {
    if (this.#isDisposed) {
      throw new RookeryError(
        "device",
        `Cannot use device ${this.profile.name} as it is disposed: create another`,
      );
    }
    if (this.#fault) throw this.#fault;
  }

  /** Makes zero-filled memory. */
  createArray(type: TensorType, name: string): WebGpuArray {
    this.check();
    const bytes = sizeOf(type.shape) * dtypeBytes(type.dtype);
    const buffer = createBuffer(this.source, "states", bytes, name);
    const { gpu } = this.source;
    return this.#hold({
      type,
      buffer,
      write(values, offset = 0) {
        const at = offset * dtypeBytes(type.dtype);
        gpu.queue.writeBuffer(
          buffer.gpu,
          at,
          toDeviceBytes(type.dtype, values),
        );
      },
      read: async (start = 0, end = sizeOf(type.shape)) => {
        const range = { buffer, dtype: type.dtype, start, end };
        return (await this.readBuffers([range]))[0]!;
      },
      [Symbol.dispose]: () => buffer[Symbol.dispose](),
    });
  }

  /** Copies all of `from` to the start of `to`. */
  copyArray(from: DeviceArray, to: DeviceArray): void {
    const { gpu } = this.source;
    const source = (from as WebGpuArray).buffer;
    const encoder = gpu.createCommandEncoder();
    const goal = (to as WebGpuArray).buffer.gpu;
    encoder.copyBufferToBuffer(source.gpu, 0, goal, 0, source.bytes);
    gpu.queue.submit([encoder.finish()]);
  }

  /** Brings a weight from its file, in slices. */
  async loadWeight(
    need: WeightNeed,
    stored: StoredTensor,
    layout: PackedLayout | undefined,
  ): Promise<WebGpuWeight> {
    this.check();
    const request = { need, stored, layout };
    return this.#hold(
      await noted(
        this.profiler,
        ["upload", need.name],
        () => uploadWeight(this, request),
      ),
    );
  }

  /** Weights that come through staging areas. */
  streamWeights(
    blocks: readonly (readonly WeightRequest[])[],
  ): Map<string, WebGpuWeight> {
    this.check();
    const weights = new WeightStream(this, blocks).weights();
    for (const weight of weights.values()) this.#hold(weight);
    return weights;
  }

  /** Plans a program. */
  async compile(
    program: Program,
    bindings: ProgramBindings,
  ): Promise<Executable> {
    this.check();
    return this.#hold(
      await noted(
        this.profiler,
        ["capture", program.name],
        () => captureProgram(this, program, bindings),
      ),
    );
  }

  /** Reads parts of several arrays with one wait. */
  readArrays(
    requests: readonly {
      readonly array: DeviceArray;
      readonly start: number;
      readonly end: number;
    }[],
  ): Promise<HostArray[]> {
    return this.readBuffers(requests.map(({ array, start, end }) => ({
      buffer: (array as WebGpuArray).buffer,
      dtype: array.type.dtype,
      start,
      end,
    })));
  }

  /** Reads parts of buffers; every call costs one wait of 11 ms or more. */
  readBuffers(ranges: readonly BufferRange[]): Promise<HostArray[]> {
    return noted(
      this.profiler,
      ["read", "wait and read"],
      () => this.#readWhole(ranges),
    );
  }

  async #readWhole(ranges: readonly BufferRange[]): Promise<HostArray[]> {
    this.check();
    try {
      const timings = () => this.timer?.collect();
      return await readRanges(this.source.gpu, ranges, timings);
    } catch (error) {
      this.check();
      throw lostDevice(this.profile.name, String(error));
    } finally {
      this.check();
    }
  }

  /** Releases everything that was made by this device, and the device. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    for (const held of this.#held) held[Symbol.dispose]();
    this.#isDisposed = true;
    this.timer?.release();
    this.source.gpu.destroy();
  }

  /** Remembers what has to go with the device, forgets it when it goes first. */
  #hold<Held extends Disposable>(held: Held): Held {
    const release = held[Symbol.dispose].bind(held);
    this.#held.add(held);
    held[Symbol.dispose] = () => {
      this.#held.delete(held);
      release();
    };
    return held;
  }
}

function faultOf(error: GPUError, device: string): RookeryError {
  const isMemory = error instanceof GPUOutOfMemoryError;
  return new RookeryError(
    isMemory ? "memory" : "device",
    isMemory
      ? `Device ${device} is out of memory: ${error.message}. Lower the memory ` +
        "budget or use a smaller model"
      : `Device ${device} refused a call: ${error.message}`,
    { cause: error },
  );
}

function lostDevice(device: string, message: string): RookeryError {
  return new RookeryError(
    "lost",
    `Device ${device} is lost: ${message}. Dispose it and create another; ` +
      "after a driver fault, restart the process",
  );
}
