/**
 * Bookkeeping of cache pages: who holds which, and which are free. Pages are
 * counted, so that sequences can share a past.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Pages by number, with reference counts. */
export class PagePool {
  readonly #counts: number[];
  readonly #free: number[];

  /** All pages free. */
  constructor(size: number) {
    this.#counts = new Array<number>(size).fill(0);
    this.#free = Array.from({ length: size }, (_, i) => size - 1 - i);
  }

  /** Pages in all. */
  get size(): number {
    return this.#counts.length;
  }

  /** Pages that nobody holds. */
  get free(): number {
    return this.#free.length;
  }

  /** Adds free pages until there are `size`. */
  grow(size: number): void {
    for (let page = this.size; page < size; page++) {
      this.#counts.push(0);
      this.#free.unshift(page);
    }
  }

  /** Takes a free page. */
  take(): number {
    const page = this.#free.pop();
    if (page === undefined) {
      throw new RookeryError(
        "memory",
        `Cannot take a page as all ${this.size} are held: close sequences, or ` +
          "grow the pool",
        { actual: this.size },
      );
    }
    this.#counts[page] = 1;
    return page;
  }

  /** Holds a page once more. */
  retain(page: number): void {
    this.#counts[page]! += 1;
  }

  /** How many hold a page. */
  holders(page: number): number {
    return this.#counts[page]!;
  }

  /** Lets go of a page; it is free when nobody holds it. */
  release(page: number): void {
    this.#counts[page]! -= 1;
    if (this.#counts[page] === 0) this.#free.push(page);
  }
}
