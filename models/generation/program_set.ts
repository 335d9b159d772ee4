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

  /** Forgets all programs, after the pools grew. */
  async clear(): Promise<void> {
    const programs = [...this.#captured.values()];
    this.#captured.clear();
    for (const program of programs) (await program)[Symbol.dispose]();
  }

  /** Releases all programs that are captured. */
  [Symbol.dispose](): void {
    for (const program of this.#captured.values()) {
      program.then((made) => made[Symbol.dispose](), () => {});
    }
    this.#captured.clear();
  }

  #capture(program: Program): Promise<Executable> {
    for (const { name, type } of program.states) {
      if (name.startsWith("control")) this.#pools.control(name, type);
    }
    const { states } = this.#pools;
    return this.#device.compile(program, { weights: this.#weights, states });
  }
}
