/**
 * A captured program at work: inputs written, dispatches replayed in one
 * pass, outputs read.
 *
 * @module
 */

import type { Executable } from "../device.ts";
import type { HostArray } from "../dtype.ts";
import { RookeryError } from "../errors.ts";
import type { Program, Storage, Value } from "../program.ts";
import { sizeOf } from "../shape.ts";
import { type DeviceBuffer, toDeviceBytes } from "./buffers.ts";
import type { Dispatch } from "./dispatch.ts";
import type { GpuContext, Stage } from "./resources.ts";

/** What a captured program holds. */
export interface Captured {
  /** Dispatches in order; one stage where no weight is streamed. */
  readonly stages: readonly Stage[];
  /** Where inputs, states and values lie. */
  readonly buffers: ReadonlyMap<Storage, DeviceBuffer>;
  /** What goes with the program. */
  readonly owned: readonly DeviceBuffer[];
}

/** Replays a captured program. */
export class CapturedProgram implements Executable {
  readonly #device: GpuContext;
  readonly #program: Program;
  readonly #captured: Captured;

  /** Binds a capture to its device. */
  constructor(device: GpuContext, program: Program, captured: Captured) {
    this.#device = device;
    this.#program = program;
    this.#captured = captured;
  }

  /** Dispatches of one run. */
  get dispatchCount(): number {
    return this.#captured.stages
      .reduce((sum, { dispatches }) => sum + dispatches.length, 0);
  }

  /** Writes an input. */
  write(input: string, values: HostArray): void {
    const storage = this.#program.inputs.find(({ name }) => name === input);
    if (storage === undefined) throw missingFrom(this.#program, "input", input);
    const length = sizeOf(storage.type.shape);
    if (values.length !== length) {
      throw new RookeryError(
        "shape",
        `Cannot write ${values.length} values to input ${input} of program ` +
          `${this.#program.name} as it holds ${length}`,
        { path: input, expected: length, actual: values.length },
      );
    }
    const buffer = this.#captured.buffers.get(storage)!;
    const bytes = toDeviceBytes(storage.type.dtype, values);
    this.#device.source.gpu.queue.writeBuffer(buffer.gpu, 0, bytes);
  }

  /** Runs all dispatches, `times` over; in one pass if none waits for weights. */
  run(times: number = 1): void | Promise<void> {
    this.#device.check();
    this.#device.timer?.profiler.beginRun(this.#program.name, times);
    const { stages } = this.#captured;
    const bringer = stages.find(({ fill }) => fill)?.fill?.bringer;
    if (bringer === undefined) {
      stages.forEach(({ dispatches }) => this.#submit(dispatches, times));
      return;
    }
    return bringer.walk(
      Array.from({ length: times }, () => stages).flat(),
      (dispatches) => this.#submit(dispatches, 1),
    );
  }

  #submit(dispatches: readonly Dispatch[], times: number): void {
    const { timer } = this.#device;
    if (timer?.profiler.isRecording) {
      timer.run(this.#program.name, dispatches, times);
      return;
    }
    const { gpu } = this.#device.source;
    const encoder = gpu.createCommandEncoder({ label: this.#program.name });
    const pass = encoder.beginComputePass({ label: this.#program.name });
    let current: GPUComputePipeline | undefined;
    for (let time = 0; time < times; time++) {
      for (const { pipeline, group, workgroups } of dispatches) {
        if (pipeline !== current) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...workgroups);
      }
    }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
  }

  /** Values of outputs; one wait for all of them. */
  read(...outputs: readonly string[]): Promise<HostArray[]> {
    return this.#device.readBuffers(outputs.map((name) => {
      const value: Value | undefined = this.#program.outputs[name];
      if (value === undefined) throw missingFrom(this.#program, "output", name);
      const buffer = this.#captured.buffers.get(value.storage)!;
      const { dtype, shape } = value.type;
      return { buffer, dtype, start: 0, end: sizeOf(shape) };
    }));
  }

  /** Releases what goes with the program. */
  [Symbol.dispose](): void {
    for (const buffer of this.#captured.owned) buffer[Symbol.dispose]();
  }
}

/** The error for something that a program needs and does not have. */
export function missingFrom(
  program: Program,
  kind: string,
  name: string,
): RookeryError {
  return new RookeryError(
    "weights",
    `Cannot compile program ${program.name} as ${kind} ${name} is not bound`,
    { path: name },
  );
}
