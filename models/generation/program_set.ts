/**
 * The engine's captured programs, made when first needed and kept.
 *
 * @module
 */

import type { Device, DeviceWeight, Executable } from "../../core/device.ts";
import { RookeryError } from "../../core/errors.ts";
import type { Program } from "../../core/program.ts";
import type { Pools } from "./pools.ts";

/** Captured programs by name, the oldest use first. */
export class ProgramSet implements Disposable {
  readonly #device: Device;
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #pools: Pools;
  readonly #captured = new Map<string, Promise<Executable>>();
  readonly #ready = new Set<Executable>();

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
    if (known !== undefined) {
      // The latest use comes last, so that the first is the oldest.
      this.#captured.delete(name);
      this.#captured.set(name, known);
      return known;
    }
    const made = this.#capture(name, build());
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

  /** Captured programs. */
  get size(): number {
    return this.#captured.size;
  }

  /** Releases all programs. */
  [Symbol.dispose](): void {
    for (const program of this.#ready) program[Symbol.dispose]();
    this.#ready.clear();
    this.#captured.clear();
  }

  /** Captures; programs that were not used for longest give way. */
  async #capture(name: string, program: Program): Promise<Executable> {
    for (const { name, type } of program.states) {
      this.#pools.state(name, type);
    }
    const { states } = this.#pools;
    const bindings = { weights: this.#weights, states };
    for (;;) {
      const { heldBytes } = this.#device.memory;
      try {
        const ready = await this.#device.compile(program, bindings);
        this.#ready.add(ready);
        this.#pools.keepFree(this.#device.memory.heldBytes - heldBytes);
        return ready;
      } catch (error) {
        const isFull = error instanceof RookeryError && error.code === "memory";
        if (!isFull) throw error;
        if (await this.#evictOldest(name)) continue;
        // No other program is left, so that nobody needs their states.
        const needed = new Set(program.states.map((state) => state.name));
        if (!this.#pools.dropStates(needed)) throw error;
      }
    }
  }

  /** Releases the program that was not used for longest, but for one. */
  async #evictOldest(kept: string): Promise<boolean> {
    for (const [name, made] of this.#captured) {
      if (name === kept) continue;
      this.#captured.delete(name);
      const ready = await made.catch(() => undefined);
      if (ready === undefined) continue;
      this.#ready.delete(ready);
      ready[Symbol.dispose]();
      return true;
    }
    return false;
  }
}
