/**
 * Work that goes on from pasts that several pieces of it share; each past is
 * held until the last piece has its own copy.
 *
 * @module
 */

import type { Engine } from "./engine.ts";
import type { Sequence } from "./sequence.ts";

/** A piece of work with a past of its own. */
export interface OwnedPast<Item> {
  /** The piece. */
  readonly item: Item;
  /** Its past, which it may go on with. */
  readonly past: Sequence;
}

/** Pieces that wait, and the pasts that are held for them. */
export class SharedPasts<Item> implements Disposable {
  readonly #engine: Engine;
  readonly #waiting: OwnedPast<Item>[] = [];
  /** Copies made here, with how many pieces wait for each. */
  readonly #held = new Map<Sequence, number>();

  /** Nothing waits. */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Adds pieces that go on from a past. */
  add(past: Sequence, items: readonly Item[]): void {
    for (const item of items) this.#waiting.push({ item, past });
    const count = this.#held.get(past);
    if (count !== undefined) this.#held.set(past, count + items.length);
  }

  /** The next pieces, at most `most`, each with a copy of its past. */
  async take(most: number): Promise<OwnedPast<Item>[]> {
    // The latest go deepest; with them done first, few pasts are held.
    const pieces = this.#waiting.splice(-most);
    const taken: OwnedPast<Item>[] = [];
    for (const { item, past } of pieces) {
      const own = await this.#engine.fork(past);
      this.#held.set(own, 0);
      taken.push({ item, past: own });
      const count = this.#held.get(past);
      if (count === undefined) continue;
      this.#held.set(past, count - 1);
      this.release(past);
    }
    return taken;
  }

  /** Closes a copy that was taken, unless pieces wait for it. */
  release(past: Sequence): void {
    if (this.#held.get(past) !== 0) return;
    this.#engine.close(past);
    this.#held.delete(past);
  }

  /** Closes all copies. */
  [Symbol.dispose](): void {
    for (const past of this.#held.keys()) this.#engine.close(past);
  }
}
