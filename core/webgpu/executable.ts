/**
 * A program captured for a device: a flat list of dispatches with their bind
 * groups made, replayed in one pass.
 *
 * @module
 */

import type { Executable, ProgramBindings } from "../device.ts";
import { RookeryError } from "../errors.ts";
import type { Operand } from "../kernel.ts";
import {
  isGuarded,
  type Program,
  type Segment,
  type Storage,
} from "../program.ts";
import type { Trace } from "../template.ts";
import type { Tensor } from "../tensor.ts";
import { createBuffer, type DeviceBuffer, toDeviceBytes } from "./buffers.ts";
import { CapturedProgram, missingFrom } from "./captured_program.ts";
import type { Dispatch } from "./dispatch.ts";
import {
  placeValues,
  sharedSlots,
  storageBytes,
  UNIFORM_STEP,
  uniformBytes,
} from "./place_values.ts";
import { type Place, planTrace, type TracePlan } from "./trace_plan.ts";
import type {
  BufferSpan,
  GpuContext,
  WebGpuArray,
  WebGpuWeight,
  WeightFill,
} from "./resources.ts";
import { StageList } from "./stages.ts";

/** A trace's plan for one way its weights lie, with its uniforms. */
interface PlannedTrace {
  readonly plan: TracePlan;
  /** Offset of each kernel's uniform block in the arena; −1 for none. */
  readonly offsets: readonly number[];
  readonly constants: ReadonlyMap<Tensor, DeviceBuffer>;
}

/** Memory that a segment is bound to beside values. */
interface SegmentMemory {
  readonly uniforms: DeviceBuffer;
  readonly temporaries: readonly DeviceBuffer[];
  /** Where weights will be that come for this segment. */
  readonly comes: WeightFill["spans"];
}

/** Captures a program; see `Device.compile`. */
export async function captureProgram(
  device: GpuContext,
  program: Program,
  bindings: ProgramBindings,
): Promise<Executable> {
  const capture = new Capture(device, program, bindings);
  try {
    return await capture.finish();
  } catch (error) {
    capture.dispose();
    throw error;
  }
}

class Capture {
  readonly #device: GpuContext;
  readonly #program: Program;
  readonly #bindings: ProgramBindings;
  readonly #owned: DeviceBuffer[] = [];
  readonly #buffers = new Map<Storage, DeviceBuffer>();
  readonly #traces = new Map<Trace, Map<string, PlannedTrace>>();
  readonly #uniforms: { bytes: Uint8Array<ArrayBuffer>; offset: number }[] = [];
  #uniformBytes = 0;

  constructor(device: GpuContext, program: Program, bindings: ProgramBindings) {
    this.#device = device;
    this.#program = program;
    this.#bindings = bindings;
  }

  async finish(): Promise<Executable> {
    this.#bindStates();
    this.#placeLocals();
    const planned: PlannedTrace[] = [];
    for (const segment of this.#program.segments) {
      planned.push(await this.#planSegment(segment));
    }
    const uniforms = this.#writeUniforms();
    const temporaries = this.#createTemporaries(planned);
    const stages = new StageList();
    this.#program.segments.forEach((segment, i) => {
      const comes = stages.begin(this.#streamed(segment));
      const memory = { uniforms, temporaries, comes };
      stages.add(this.#record(segment, planned[i]!, memory));
    });
    return new CapturedProgram(this.#device, this.#program, {
      stages: stages.all,
      buffers: this.#buffers,
      owned: this.#owned,
    });
  }

  /** Weights of a segment that are not on the device, by name. */
  #streamed({ trace, prefix }: Segment): WebGpuWeight[] {
    const names = [...trace.weights.keys()].map((path) => prefix + path);
    return names.toSorted().map((name) => this.#weight(name))
      .filter(({ streamed }) => streamed !== undefined);
  }

  dispose(): void {
    for (const buffer of this.#owned) buffer[Symbol.dispose]();
  }

  #create(
    kind: string,
    bytes: number,
    name: string,
    usage?: number,
  ): DeviceBuffer {
    const buffer = createBuffer(this.#device.source, kind, bytes, name, usage);
    this.#owned.push(buffer);
    return buffer;
  }

  #bindStates(): void {
    for (const storage of this.#program.states) {
      const state = this.#bindings.states.get(storage.name);
      if (state === undefined) {
        throw missingFrom(this.#program, "state", storage.name);
      }
      this.#buffers.set(storage, (state as WebGpuArray).buffer);
    }
    for (const storage of this.#program.inputs) {
      const name = `${this.#program.name}/${storage.name}`;
      this.#buffers.set(
        storage,
        this.#create("values", storageBytes(storage), name),
      );
    }
  }

  #placeLocals(): void {
    const { slots, slotOf } = placeValues(this.#program);
    const buffers = slots.map((bytes, i) =>
      this.#create("values", bytes, `${this.#program.name}/value${i}`)
    );
    for (const [storage, slot] of slotOf) {
      this.#buffers.set(storage, buffers[slot]!);
    }
  }

  async #planSegment(segment: Segment): Promise<PlannedTrace> {
    const { trace, prefix } = segment;
    const isHeldBack = isGuarded(segment, this.#program);
    const operandOf = (path: string): Pick<Operand, "layout" | "parts"> =>
      this.#weight(prefix + path).placement.operand;
    const signatures = [...trace.weights.keys()]
      .map((path) => this.#weight(prefix + path).placement.signature);
    const key = [isHeldBack, ...signatures].join();
    const plans = this.#traces.get(trace) ?? new Map<string, PlannedTrace>();
    this.#traces.set(trace, plans);
    const known = plans.get(key);
    if (known !== undefined) return known;
    const { profile, pipelines } = this.#device;
    const setting = { profile, pipelines, isGuarded: isHeldBack };
    const plan = await planTrace(trace, operandOf, setting);
    const offsets = plan.kernels.map(({ params }) =>
      params === undefined ? -1 : this.#addUniform(params)
    );
    const planned = { plan, offsets, constants: this.#constants(trace) };
    plans.set(key, planned);
    return planned;
  }

  #weight(name: string): WebGpuWeight {
    const weight = this.#bindings.weights.get(name);
    if (weight === undefined) throw missingFrom(this.#program, "weight", name);
    return weight as WebGpuWeight;
  }

  #addUniform(bytes: Uint8Array<ArrayBuffer>): number {
    const offset = this.#uniformBytes;
    this.#uniforms.push({ bytes, offset });
    this.#uniformBytes += uniformBytes(bytes);
    return offset;
  }

  #writeUniforms(): DeviceBuffer {
    const all = new Uint8Array(Math.max(UNIFORM_STEP, this.#uniformBytes));
    for (const { bytes, offset } of this.#uniforms) all.set(bytes, offset);
    const name = `${this.#program.name}/uniforms`;
    const arena = this.#create(
      "values",
      all.length,
      name,
      GPUBufferUsage.UNIFORM,
    );
    this.#device.source.gpu.queue.writeBuffer(arena.gpu, 0, all);
    return arena;
  }

  #constants(trace: Trace): Map<Tensor, DeviceBuffer> {
    const buffers = new Map<Tensor, DeviceBuffer>();
    for (const tensor of trace.order) {
      if (tensor.source.kind !== "constant") continue;
      const bytes = toDeviceBytes(tensor.dtype, tensor.source.values);
      const buffer = this.#create(
        "values",
        bytes.length,
        `${trace.name}/constant`,
      );
      this.#device.source.gpu.queue.writeBuffer(buffer.gpu, 0, bytes);
      buffers.set(tensor, buffer);
    }
    return buffers;
  }

  #createTemporaries(planned: readonly PlannedTrace[]): DeviceBuffer[] {
    const sizes = sharedSlots(planned.map(({ plan }) => plan.temporaries));
    return sizes.map((bytes, i) =>
      this.#create("values", bytes, `${this.#program.name}/temporary${i}`)
    );
  }

  #record(
    segment: Segment,
    { plan, offsets, constants }: PlannedTrace,
    { uniforms, temporaries, comes }: SegmentMemory,
  ): Dispatch[] {
    const find = (place: Place): BufferSpan => {
      if (place.kind === "temporary") return whole(temporaries[place.slot]!);
      if (place.kind === "constant") return whole(constants.get(place.tensor)!);
      if (place.kind === "guard") {
        return whole(this.#buffers.get(this.#program.guard!)!);
      }
      if (place.kind === "weight") {
        const weight = this.#weight(segment.prefix + place.name);
        return (comes.get(weight) ?? weight.spans)[place.part]!;
      }
      const values = place.kind === "input" ? segment.inputs : segment.outputs;
      return whole(this.#buffers.get(values[place.name]!.storage)!);
    };
    return plan.kernels.map((kernel, i) => {
      const entries: GPUBindGroupEntry[] = kernel.bindings.map(
        (bound, slot) => {
          const { buffer, offset, bytes } = find(bound.place);
          const size = bound.bytes || bytes;
          this.#checkBinding(size, segment.prefix + kernel.name);
          const resource = { buffer: buffer.gpu, offset, size };
          return { binding: slot + 1, resource };
        },
      );
      if (kernel.params !== undefined) {
        const { length: size } = kernel.params;
        const resource = { buffer: uniforms.gpu, offset: offsets[i]!, size };
        entries.unshift({ binding: 0, resource });
      }
      const layout = kernel.pipeline.layout;
      const group = this.#device.source.gpu.createBindGroup({
        layout,
        entries,
      });
      const { workgroups, pipeline: { gpu: pipeline } } = kernel;
      const { prefix } = segment;
      return { pipeline, group, workgroups, chosen: kernel, prefix };
    });
  }

  #checkBinding(bytes: number, path: string): void {
    const most = this.#device.profile.maxBindingBytes;
    if (bytes <= most) return;
    throw new RookeryError(
      "limit",
      `Cannot bind ${bytes} bytes at ${path} as the device shows a kernel at ` +
        `most ${most}: use a smaller chunk, fewer rows or fewer pages`,
      { path, expected: most, actual: bytes },
    );
  }
}

function whole(buffer: DeviceBuffer): BufferSpan {
  return { buffer, offset: 0, bytes: buffer.bytes };
}
