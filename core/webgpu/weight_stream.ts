/**
 * Weights that are not on the device: they come through two staging areas,
 * block by block, one being filled while the other is read. Everything goes
 * through the device's one queue, so that an area is overwritten only when its
 * readers are done.
 *
 * @module
 */

import type { WeightRequest } from "../device.ts";
import { RookeryError } from "../errors.ts";
import { noted } from "../profile/profiler.ts";
import { createBuffer, type DeviceBuffer } from "./buffers.ts";
import type {
  BufferSpan,
  GpuContext,
  Stage,
  WebGpuWeight,
  WeightBringer,
  WeightFill,
} from "./resources.ts";
import { placeWeight, writeWeight } from "./upload.ts";
import { areaBufferBytes, areaBytes, placeParts } from "./weight_memory.ts";

/**
 * Bytes that may wait in the queue, copied by the driver. A wait for the queue
 * takes 11 ms or more and blocks, so that it is not made for every block.
 */
const MOST_QUEUED = 256 * 2 ** 20;

/** Brings weights to the device block by block. */
export class WeightStream implements WeightBringer {
  readonly #device: GpuContext;
  readonly #blocks: readonly (readonly WeightRequest[])[];
  readonly #areas: readonly (readonly DeviceBuffer[])[];
  readonly #bufferBytes: number;
  /** Weights that are not disposed. */
  #open = 0;
  #queued = 0;
  /** The walk in work: programs share the areas, so walks take turns. */
  #last: Promise<unknown> = Promise.resolve();

  /** Takes two areas as large as the largest block. */
  constructor(
    device: GpuContext,
    blocks: readonly (readonly WeightRequest[])[],
  ) {
    this.#device = device;
    this.#blocks = blocks;
    const most = areaBufferBytes(device.profile);
    this.#bufferBytes = most;
    const bytes = blocks.map((block) => areaBytes(block, device.profile))
      .reduce((a, b) => Math.max(a, b), 0);
    using held = new DisposableStack();
    const area = (name: string): DeviceBuffer[] => {
      const buffers: DeviceBuffer[] = [];
      for (let at = 0; at < bytes; at += most) {
        const size = Math.min(most, bytes - at);
        buffers.push(
          held.use(createBuffer(device.source, "staging", size, name)),
        );
      }
      return buffers;
    };
    this.#areas = [area("staging area 0"), area("staging area 1")];
    held.move();
  }

  /** The weights of all blocks, by name. */
  weights(): Map<string, WebGpuWeight> {
    const weights = new Map<string, WebGpuWeight>();
    for (const request of this.#blocks.flat()) {
      weights.set(request.need.name, this.#weight(request));
    }
    return weights;
  }

  /** Where weights of one block will lie in an area, 0 or 1. */
  place(weights: readonly WebGpuWeight[], area: number): WeightFill {
    const sizes = weights.flatMap(({ placement }) => placement.bytes);
    const { offsets, end } = placeParts(sizes, this.#bufferBytes);
    const buffers = this.#areas[area]!;
    const room = buffers.reduce((sum, { bytes }) => sum + bytes, 0);
    if (end > room) throw otherBlock(weights, end, room);
    let part = 0;
    const spans = new Map(weights.map((weight) => [
      weight,
      weight.placement.bytes.map((bytes): BufferSpan => {
        const at = offsets[part++]!;
        const buffer = buffers[Math.floor(at / this.#bufferBytes)]!;
        return { buffer, offset: at % this.#bufferBytes, bytes };
      }),
    ]));
    return { bringer: this, spans };
  }

  /**
   * Submits stages in order, each when its weights were written: those of the
   * next stage are read and packed while the device is at work.
   */
  walk(
    stages: readonly Stage[],
    submit: (dispatches: Stage["dispatches"]) => void,
  ): Promise<void> {
    const walked = this.#last.then(async () => {
      await this.#fill(stages[0]?.fill);
      for (const [i, { dispatches }] of stages.entries()) {
        submit(dispatches);
        await this.#fill(stages[i + 1]?.fill);
      }
    });
    this.#last = walked.catch(() => {});
    return walked;
  }

  async #fill(fill: WeightFill | undefined): Promise<void> {
    for (const [weight, spans] of fill?.spans ?? []) {
      const { placement, streamed } = weight;
      const target = { placement, spans };
      const { request } = streamed!;
      await noted(
        this.#device.timer?.profiler,
        ["stream", request.need.name],
        () =>
          writeWeight(
            this.#device,
            request,
            target,
            (bytes) => this.#watch(bytes),
          ),
      );
    }
  }

  /** Waits for the device when too much waits for it. */
  async #watch(bytes: number): Promise<void> {
    this.#queued += bytes;
    if (this.#queued < MOST_QUEUED) return;
    await this.#device.source.gpu.queue.onSubmittedWorkDone();
    this.#device.check();
    this.#queued = 0;
  }

  #weight(request: WeightRequest): WebGpuWeight {
    this.#open++;
    let isOpen = true;
    return {
      type: { dtype: "f32", shape: request.need.shape },
      layout: request.layout,
      placement: placeWeight(request, this.#device.profile),
      spans: [],
      streamed: { bringer: this, request },
      [Symbol.dispose]: () => {
        if (isOpen) this.#open--;
        isOpen = false;
        if (this.#open > 0) return;
        for (const buffer of this.#areas.flat()) buffer[Symbol.dispose]();
      },
    };
  }
}

function otherBlock(
  weights: readonly WebGpuWeight[],
  bytes: number,
  room: number,
): RookeryError {
  const { name } = weights[0]!.streamed!.request.need;
  return new RookeryError(
    "limit",
    `Cannot stream ${name} and the weights that it is used with, ${bytes} ` +
      `bytes, as a staging area holds ${room}: give them as one block`,
    { path: name, expected: room, actual: bytes },
  );
}
