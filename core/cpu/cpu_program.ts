/**
 * Programs on the CPU device: the ops' meanings, segment by segment.
 *
 * @module
 */

import type {
  DeviceArray,
  DeviceWeight,
  Executable,
  ProgramBindings,
} from "../device.ts";
import { createHostArray, type HostArray } from "../dtype.ts";
import { RookeryError } from "../errors.ts";
import { evaluate } from "../evaluate.ts";
import type { Profiler } from "../profile/profiler.ts";
import {
  isGuarded,
  type Program,
  type Segment,
  type Storage,
} from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { OpTimer } from "./op_timer.ts";

/** State memory or a weight on the CPU device. */
export interface CpuValues extends DeviceArray, DeviceWeight {
  /** Its values, row-major. */
  readonly values: HostArray;
}

/** A weight that is read whenever a segment needs it. */
export interface StreamedWeight extends DeviceWeight {
  /** Reads it; dispose it after use. */
  bring(): Promise<CpuValues>;
}

/** A program bound to values of the CPU device. */
export class CpuProgram implements Executable {
  readonly #program: Program;
  readonly #bindings: ProgramBindings;
  readonly #profiler: Profiler | undefined;
  readonly #values = new Map<Storage, HostArray>();

  /** Binds a program; where there is a profiler, its ops are timed. */
  constructor(
    program: Program,
    bindings: ProgramBindings,
    profiler: Profiler | undefined,
  ) {
    this.#program = program;
    this.#profiler = profiler;
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

  /** Writes an input. */
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

  /** Runs all segments, `times` over. */
  run(times: number = 1): void | Promise<void> {
    this.#profiler?.beginRun(this.#program.name, times);
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

  /** Values of outputs after the last run. */
  read(...outputs: readonly string[]): Promise<HostArray[]> {
    this.#profiler?.endRuns();
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

  /** Lets go of its values. */
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
    const timer = this.#profiler?.isRecording
      ? new OpTimer(this.#profiler, this.#program.name, prefix)
      : undefined;
    const results = evaluate(
      names.map((name) => trace.outputs[name]!),
      valueOf,
      timer && ((tensor) => timer.add(tensor)),
    );
    names.forEach((name, i) => {
      this.#values.set(outputs[name]!.storage, results[i]!);
    });
  }
}

/** Whether a weight is read for every use. */
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
