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
import { RookeryError } from "../errors.ts";
import { evaluate } from "../evaluate.ts";
import type { DeviceProfile } from "../kernel.ts";
import type { PackedLayout } from "../layouts/layout.ts";
import { MemoryLedger } from "../memory.ts";
import {
  isGuarded,
  type Program,
  type Segment,
  type Storage,
  type WeightNeed,
} from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import type { Tensor, TensorType } from "../tensor.ts";

/** State memory or a weight on the CPU device. */
interface CpuValues extends DeviceArray, DeviceWeight {
  readonly values: HostArray;
}

/** A weight that is read whenever a segment needs it. */
interface StreamedWeight extends DeviceWeight {
  /** Reads it; dispose it after use. */
  bring(): Promise<CpuValues>;
}

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
    maxInvocations: 1,
    maxWorkgroups: 1,
  };
  /** What it holds. */
  readonly memory: MemoryLedger;

  /** Makes a device with a budget in bytes. */
  constructor(budgetBytes: number) {
    this.memory = new MemoryLedger(budgetBytes);
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
    return this.#load("weights", { need, stored, layout });
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
          bring: () => this.#load("staging", request),
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
    return Promise.resolve(new CpuProgram(program, bindings));
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

class CpuProgram implements Executable {
  readonly #program: Program;
  readonly #bindings: ProgramBindings;
  readonly #values = new Map<Storage, HostArray>();

  constructor(program: Program, bindings: ProgramBindings) {
    this.#program = program;
    this.#bindings = bindings;
    for (const storage of program.inputs) {
      const { dtype, shape } = storage.type;
      this.#values.set(storage, createHostArray(dtype, sizeOf(shape)));
    }
    for (const storage of program.states) {
      const state = bound(program, "state", bindings.states, storage.name);
      this.#values.set(storage, state.values);
    }
  }

  write(input: string, values: HostArray): void {
    const storage = this.#program.inputs.find(({ name }) => name === input);
    const to = storage && this.#values.get(storage);
    if (to === undefined || to.length !== values.length) {
      throw new RookeryError(
        "shape",
        `Cannot write ${values.length} values to input ${input} of program ` +
          `${this.#program.name} as it holds ${to?.length ?? "no such input"}`,
        { path: input, expected: to?.length, actual: values.length },
      );
    }
    to.set(values);
  }

  run(times: number = 1): void | Promise<void> {
    const all = Array.from({ length: times }, () => this.#program.segments)
      .flat();
    const isStreamed = this.#bindings.weights.values().some(isBrought);
    if (isStreamed) return this.#runStreamed(all);
    for (const segment of all) {
      if (!this.#isHeldBack(segment)) {
        this.#runSegment(segment, () => undefined);
      }
    }
  }

  async #runStreamed(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      if (this.#isHeldBack(segment)) continue;
      using held = new DisposableStack();
      const brought = new Map<string, CpuValues>();
      for (const path of segment.trace.weights.keys()) {
        const name = segment.prefix + path;
        const weight = this.#bindings.weights.get(name);
        if (weight === undefined || !isBrought(weight)) continue;
        brought.set(name, held.use(await weight.bring()));
      }
      this.#runSegment(segment, (name) => brought.get(name));
    }
  }

  read(...outputs: readonly string[]): Promise<HostArray[]> {
    return Promise.resolve(outputs.map((name) => {
      const value = this.#program.outputs[name];
      const values = value && this.#values.get(value.storage);
      if (values !== undefined) return values.slice();
      throw new RookeryError(
        "usage",
        `Cannot read output ${name} of program ${this.#program.name} as it ` +
          `has only ${Object.keys(this.#program.outputs).join(", ")}`,
        { path: name },
      );
    }));
  }

  [Symbol.dispose](): void {
    this.#values.clear();
  }

  /** Whether the program's guard is 0 and the segment looks at it. */
  #isHeldBack(segment: Segment): boolean {
    const { guard } = this.#program;
    return isGuarded(segment, this.#program) &&
      this.#values.get(guard!)![0] === 0;
  }

  #runSegment(
    { trace, prefix, inputs, outputs }: Segment,
    brought: (name: string) => CpuValues | undefined,
  ): void {
    const names = Object.keys(trace.outputs);
    const valueOf = ({ source }: Tensor): HostArray => {
      if (source.kind === "weight") {
        const name = prefix + source.name;
        const { weights } = this.#bindings;
        return (brought(name) ?? bound(this.#program, "weight", weights, name))
          .values;
      }
      const { name } = source as { name: string };
      return this.#values.get(inputs[name]!.storage)!;
    };
    const results = evaluate(
      names.map((name) => trace.outputs[name]!),
      valueOf,
    );
    names.forEach((name, i) => {
      this.#values.set(outputs[name]!.storage, results[i]!);
    });
  }
}

function isBrought(weight: DeviceWeight): weight is StreamedWeight {
  return "bring" in weight;
}

function bound(
  program: Program,
  kind: string,
  values: ReadonlyMap<string, Disposable>,
  name: string,
): CpuValues {
  const found = values.get(name);
  if (found !== undefined) return found as CpuValues;
  throw new RookeryError(
    "weights",
    `Cannot run program ${program.name} as ${kind} ${name} is not bound`,
    { path: name },
  );
}
