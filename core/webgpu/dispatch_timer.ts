/**
 * Runs dispatches so that each is timed, by the device's timestamps or by
 * waiting for each. Order and kernels are those of a plain run, so results are
 * the same bits.
 *
 * @module
 */

import { RookeryError } from "../errors.ts";
import { describeUse, type KernelUse } from "../profile/kernel_use.ts";
import { Profiler } from "../profile/profiler.ts";
import type { OpenedAdapter } from "./adapter.ts";
import { checkClocks } from "./check_clocks.ts";
import { timestampsOf, waitForQueue } from "./clock_work.ts";
import type { Dispatch } from "./dispatch.ts";

/** Passes of a query set: WebGPU allows 4096 queries, two a pass. */
const BATCH = 2048;

/** Buffers for the timestamps of some passes. */
interface Batch {
  readonly querySet: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly staging: GPUBuffer;
}

/** Passes whose timestamps are under way. */
interface PendingBatch {
  readonly batch: Batch;
  readonly uses: readonly KernelUse[];
  /** Host clock at their submission. */
  readonly submittedMs: number;
}

/** How dispatches are timed. */
export interface DispatchTiming {
  /** By which clock. */
  readonly method: "timestamps" | "waits";
  /** Nanoseconds of a timestamp's tick. */
  readonly tickNs: number;
  /** Milliseconds of a wait for nothing, which waits are less. */
  readonly waitMs: number;
}

/** Times dispatches of a device. */
export class DispatchTimer {
  /** Where the times go. */
  readonly profiler: Profiler;
  readonly #gpu: GPUDevice;
  readonly #timing: DispatchTiming;
  readonly #uses = new WeakMap<Dispatch, KernelUse>();
  #pending: PendingBatch[] = [];
  #free: Batch[] = [];
  /** Device clock to host clock, in milliseconds. */
  #offset = -Infinity;
  #isReleased = false;

  /** Takes a clock that was checked; `openDispatchTimer` is the usual way. */
  constructor(gpu: GPUDevice, profiler: Profiler, timing: DispatchTiming) {
    this.#gpu = gpu;
    this.#timing = timing;
    this.profiler = profiler;
    profiler.addCollector(() => this.#settle());
  }

  /** Runs dispatches in order, `times` over. */
  run(
    program: string,
    dispatches: readonly Dispatch[],
    times: number = 1,
  ): void {
    this.profiler.span("run", program, () => {
      const all = Array.from({ length: times }, () => dispatches).flat();
      const uses = all.map((each) => this.#useOf(program, each));
      if (this.#timing.method === "waits") this.#runWaiting(all, uses);
      else {
        for (let at = 0; at < all.length; at += BATCH) {
          const end = at + BATCH;
          // A processor that plays GPU shall not run while the host encodes.
          if (at > 0) waitForQueue(this.#gpu);
          this.#runBatch(all.slice(at, end), uses.slice(at, end));
        }
      }
    });
  }

  /** Reads the timestamps of all runs so far, at the cost of a wait. */
  async collect(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(
      pending.map(({ batch: { staging } }) =>
        staging.mapAsync(GPUMapMode.READ)
      ),
    );
    for (const each of pending) this.#read(each);
    this.profiler.endRuns();
  }

  /** Lets go of its buffers; runs that were not collected stay untimed. */
  release(): void {
    this.#isReleased = true;
    const held = [...this.#free, ...this.#pending.map(({ batch }) => batch)];
    for (const { querySet, resolved, staging } of held) {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    }
    this.#free = [];
  }

  async #settle(): Promise<number> {
    if (!this.#isReleased) await this.collect();
    return this.#pending.reduce((sum, { uses }) => sum + uses.length, 0);
  }

  #useOf(program: string, dispatch: Dispatch): KernelUse {
    const known = this.#uses.get(dispatch);
    if (known !== undefined) return known;
    const { chosen, prefix } = dispatch;
    const { name: kernel, tensor, inputs, isFirst } = chosen;
    const facts = { kernel, tensor, inputs, program, prefix, isFirst };
    const use = describeUse(facts);
    this.#uses.set(dispatch, use);
    return use;
  }

  #runBatch(
    dispatches: readonly Dispatch[],
    uses: readonly KernelUse[],
  ): void {
    const batch = this.#free.pop() ?? createBatch(this.#gpu);
    const { querySet, resolved, staging } = batch;
    const encoder = this.#gpu.createCommandEncoder();
    dispatches.forEach((dispatch, i) =>
      encode(encoder, dispatch, timestampsOf(querySet, i))
    );
    const count = 2 * dispatches.length;
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
    const submittedMs = this.profiler.now();
    this.#gpu.queue.submit([encoder.finish()]);
    this.#pending.push({ batch, uses, submittedMs });
  }

  #runWaiting(
    dispatches: readonly Dispatch[],
    uses: readonly KernelUse[],
  ): void {
    waitForQueue(this.#gpu); // what was queued before is not the first's
    dispatches.forEach((dispatch, i) => {
      const encoder = this.#gpu.createCommandEncoder();
      encode(encoder, dispatch, {});
      const commands = encoder.finish();
      const begin = this.profiler.now();
      this.#gpu.queue.submit([commands]);
      waitForQueue(this.#gpu);
      const ms = this.profiler.now() - begin - this.#timing.waitMs;
      this.profiler.addDispatch(uses[i]!, begin, Math.max(0, ms));
    });
  }

  #read({ batch, uses, submittedMs }: PendingBatch): void {
    const bytes = batch.staging.getMappedRange().slice(0, 16 * uses.length);
    batch.staging.unmap();
    this.#free.push(batch);
    const msPerTick = this.#timing.tickNs / 1e6;
    const at = Array.from(
      new BigUint64Array(bytes),
      (ticks) => Number(ticks) * msPerTick,
    );
    // No work begins before it was submitted: the tightest bound is the best.
    this.#offset = Math.max(this.#offset, submittedMs - at[0]!);
    uses.forEach((use, i) => {
      const [from, to] = [at[2 * i]!, at[2 * i + 1]!];
      const ms = Math.max(0, to - from);
      this.profiler.addDispatch(use, from + this.#offset, ms);
    });
  }
}

/**
 * A timer for a device, by timestamps where they are of use or, if not or if
 * so wanted, by waits.
 *
 * @throws {RookeryError} `device` where a device can be timed in neither way
 */
export async function openDispatchTimer(
  { gpu, profile: { name: device } }: OpenedAdapter,
  wanted: "timestamps" | "waits",
): Promise<DispatchTimer> {
  const { tickNs, costs, timestamps } = await checkClocks(gpu);
  const isStamped = wanted === "timestamps" && tickNs !== undefined;
  if (!isStamped && costs === undefined) {
    throw new RookeryError(
      "device",
      `Cannot profile device ${device} as ${timestamps}, and its queue gives ` +
        "no sign of the work's end: run without a profile",
    );
  }
  const method = isStamped ? "timestamps" : "waits";
  const waitMs = costs?.wait ?? 0;
  const note = isStamped
    ? `${timestamps}; every dispatch in a pass of its own`
    : `${timestamps}; every dispatch submitted and awaited alone, less ` +
      `${waitMs.toFixed(3)} ms that a wait for nothing takes`;
  const timingMs = costs?.[method] ?? 0;
  const profiler = new Profiler({ device, method, note, timingMs });
  return new DispatchTimer(gpu, profiler, {
    method,
    tickNs: tickNs ?? 1,
    waitMs,
  });
}

function createBatch(gpu: GPUDevice): Batch {
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = 16 * BATCH;
  return {
    querySet: gpu.createQuerySet({ type: "timestamp", count: 2 * BATCH }),
    resolved: gpu.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC }),
    staging: gpu.createBuffer({ size, usage: MAP_READ | COPY_DST }),
  };
}

function encode(
  encoder: GPUCommandEncoder,
  { pipeline, group, workgroups }: Dispatch,
  descriptor: GPUComputePassDescriptor,
): void {
  const pass = encoder.beginComputePass(descriptor);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...workgroups);
  pass.end();
}
