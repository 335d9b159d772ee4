/**
 * Work of a chosen length, timed by the host and by timestamps, for telling
 * what both clocks are worth.
 *
 * @module
 */

/** The same work by different clocks. */
export interface ClockReading {
  /** Milliseconds until the call that waits came back. */
  readonly callMs: number;
  /** Milliseconds until its promise was fulfilled. */
  readonly doneMs: number;
  /** Ticks between timestamps, summed over passes; 0 where there are none. */
  readonly ticks: number;
}

/** Most passes of one measurement. */
const MOST_PASSES = 64;
/** Workgroups of a dispatch that works; one where it shall do nothing. */
const WORKGROUPS = 256;

const WORK = `
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<uniform> rounds: vec4<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  var v: f32 = x[gid.x];
  for (var i: u32 = 0u; i < rounds.x; i++) { v = v * 0.999 + 0.5; }
  x[gid.x] = v;
}`;

/** A kernel that takes as long as it is told to. */
export class ClockWork {
  readonly #gpu: GPUDevice;
  readonly #values: GPUBuffer;
  readonly #rounds: GPUBuffer;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #querySet: GPUQuerySet | undefined;
  readonly #pipeline: GPUComputePipeline;
  readonly #group: GPUBindGroup;

  /** Compiles it. */
  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, QUERY_RESOLVE, MAP_READ } =
      GPUBufferUsage;
    const make = (size: number, usage: number): GPUBuffer =>
      gpu.createBuffer({ size, usage });
    const size = 16 * MOST_PASSES;
    this.#values = make(256 * WORKGROUPS, STORAGE);
    this.#rounds = make(16, UNIFORM | COPY_DST);
    this.#resolved = make(size, QUERY_RESOLVE | COPY_SRC);
    this.#staging = make(size, MAP_READ | COPY_DST);
    this.#querySet = gpu.features.has("timestamp-query")
      ? gpu.createQuerySet({ type: "timestamp", count: 2 * MOST_PASSES })
      : undefined;
    const module = gpu.createShaderModule({ label: "clock work", code: WORK });
    const compute = { module, entryPoint: "main" };
    this.#pipeline = gpu.createComputePipeline({ layout: "auto", compute });
    const buffers = [this.#values, this.#rounds];
    this.#group = gpu.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, i) => ({
        binding: i,
        resource: { buffer },
      })),
    });
  }

  /** Times dispatches of so many rounds, each in a pass with timestamps. */
  async run(rounds: number, passes: number = 1): Promise<ClockReading> {
    this.#setRounds(rounds);
    const encoder = this.#gpu.createCommandEncoder();
    for (let i = 0; i < passes; i++) {
      const pass = encoder.beginComputePass(timestampsOf(this.#querySet, i));
      this.#dispatch(pass, rounds);
      pass.end();
    }
    const [resolved, staging] = [this.#resolved, this.#staging];
    if (this.#querySet) {
      encoder.resolveQuerySet(this.#querySet, 0, 2 * passes, resolved, 0);
    }
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16 * passes);
    const commands = encoder.finish();
    const begin = performance.now();
    this.#gpu.queue.submit([commands]);
    const done = this.#gpu.queue.onSubmittedWorkDone();
    const callMs = performance.now() - begin;
    await Promise.all([done, staging.mapAsync(GPUMapMode.READ)]);
    const doneMs = performance.now() - begin;
    const bytes = staging.getMappedRange().slice(0, 16 * passes);
    staging.unmap();
    const ticks = new BigUint64Array(bytes).reduce(
      (sum, at, i) => i % 2 === 0 ? sum - at : sum + at,
      0n,
    );
    return { callMs, doneMs, ticks: Number(BigInt.asIntN(64, ticks)) };
  }

  /** Milliseconds of a dispatch that does nothing, of many in one pass. */
  idleTogether(): number {
    this.#setRounds(0);
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < MOST_PASSES; i++) this.#dispatch(pass, 0);
    pass.end();
    return this.#wait(encoder) / MOST_PASSES;
  }

  /** Milliseconds of a dispatch that does nothing, submitted alone. */
  idleAlone(): number {
    this.#setRounds(0);
    let ms = 0;
    for (let i = 0; i < MOST_PASSES; i++) {
      const encoder = this.#gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      this.#dispatch(pass, 0);
      pass.end();
      ms += this.#wait(encoder);
    }
    return ms / MOST_PASSES;
  }

  /** Milliseconds of a submit and wait around no work at all. */
  idleWait(): number {
    let ms = 0;
    for (let i = 0; i < MOST_PASSES; i++) {
      ms += this.#wait(this.#gpu.createCommandEncoder());
    }
    return ms / MOST_PASSES;
  }

  /** Ticks of a dispatch that does nothing, in a pass with timestamps. */
  async idleTicks(): Promise<number> {
    return (await this.run(0, MOST_PASSES)).ticks / MOST_PASSES;
  }

  /** Releases what it holds. */
  release(): void {
    this.#values.destroy();
    this.#rounds.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
    this.#querySet?.destroy();
  }

  #setRounds(rounds: number): void {
    const { queue } = this.#gpu;
    queue.writeBuffer(this.#rounds, 0, new Uint32Array([rounds, 0, 0, 0]));
    waitForQueue(this.#gpu);
  }

  #dispatch(pass: GPUComputePassEncoder, rounds: number): void {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group);
    pass.dispatchWorkgroups(rounds === 0 ? 1 : WORKGROUPS);
  }

  #wait(encoder: GPUCommandEncoder): number {
    const commands = encoder.finish();
    const begin = performance.now();
    this.#gpu.queue.submit([commands]);
    waitForQueue(this.#gpu);
    return performance.now() - begin;
  }
}

/** Descriptor of a pass whose begin and end are queries `2i` and `2i + 1`. */
export function timestampsOf(
  querySet: GPUQuerySet | undefined,
  i: number,
): GPUComputePassDescriptor {
  if (querySet === undefined) return {};
  return {
    timestampWrites: {
      querySet,
      beginningOfPassWriteIndex: 2 * i,
      endOfPassWriteIndex: 2 * i + 1,
    },
  };
}

/**
 * Waits until all submitted work is done: in Deno the call itself does, before
 * its promise is fulfilled.
 */
export function waitForQueue({ queue }: GPUDevice): void {
  queue.submit([]); // takes what was written to buffers along
  queue.onSubmittedWorkDone().catch(() => {}); // faults are told elsewhere
}
