/**
 * The engine's captured programs, made when first needed and kept.
 *
 * @module
 */

import type { Device, DeviceWeight, Executable } from "../../core/device.ts";
import type { Program } from "../../core/program.ts";
import type { Pools } from "./pools.ts";

/** Captured programs by name. */
export class ProgramSet implements Disposable {
  readonly #device: Device;
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #pools: Pools;
  readonly #captured = new Map<string, Promise<Executable>>();
  readonly #ready: Executable[] = [];

  /** Starts empty. */
  constructor(
    device: Device,
    weights: ReadonlyMap<string, DeviceWeight>,
    pools: Pools,
  ) {
    this.#device = device;
    this.#weights = weights;
    this.#pools = pools;
  }

  /** The captured program of that name, built by `build` at first. */
  get(name: string, build: () => Program): Promise<Executable> {
    const known = this.#captured.get(name);
    if (known !== undefined) return known;
    const made = this.#capture(build());
    this.#captured.set(name, made);
    // A failed capture must not be handed out again.
    made.catch(() => this.#captured.delete(name));
    return made;
  }

  /** Makes room in the pools; programs are captured anew where they grew. */
  async reserve(room: {
    readonly pages?: number;
    readonly pictures?: number;
    readonly adjustmentWords?: number;
  }): Promise<void> {
    const { pages = 0, pictures = 0, adjustmentWords = 0 } = room;
    if (this.#pools.isShort(pages, pictures)) {
      // They must be captured anew, and what they hold makes room.
      await this.clear();
      this.#pools.grow(pages, pictures);
    }
    if (this.#pools.reserveAdjustments(adjustmentWords)) await this.clear();
  }

  /** Releases all programs, e.g. after the pools grew; captures wait. */
  async clear(): Promise<void> {
    await Promise.allSettled(this.#captured.values());
    this[Symbol.dispose]();
  }

  /** Releases all programs. */
  [Symbol.dispose](): void {
    for (const program of this.#ready) program[Symbol.dispose]();
    this.#ready.length = 0;
    this.#captured.clear();
  }

  async #capture(program: Program): Promise<Executable> {
    for (const { name, type } of program.states) {
      this.#pools.state(name, type);
    }
    const { states } = this.#pools;
    const bindings = { weights: this.#weights, states };
    const ready = await this.#device.compile(program, bindings);
    this.#ready.push(ready);
    return ready;
  }
}
