/**
 * The budget: what a device may hold, checked before every allocation. A
 * software device aborts the process when memory runs out, so nobody may ask
 * it for more than there is.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";

/** Bytes as people read them, e.g. `1.5 GiB`. */
export function showBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1
    ? 0
    : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** Counts what is allocated, by kind, against a budget. */
export class MemoryLedger {
  /** Most bytes that may be held at once. */
  readonly budgetBytes: number;
  readonly #held = new Map<string, number>();

  /** Starts empty. */
  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  /** Bytes held now. */
  get heldBytes(): number {
    return [...this.#held.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Bytes held now by kind: weights, states, values … */
  get heldByKind(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#held);
  }

  /** Books bytes, or throws a `memory` error and books nothing. */
  take(kind: string, bytes: number, path: string): void {
    const free = this.budgetBytes - this.heldBytes;
    if (bytes > free) {
      throw new RookeryError(
        "memory",
        `Cannot allocate ${showBytes(bytes)} for ${path} as only ` +
          `${showBytes(Math.max(0, free))} of the budget of ` +
          `${showBytes(this.budgetBytes)} are free: raise the budget, use a ` +
          "smaller model or dtype, or fewer rows, pages or pictures",
        { path, expected: free, actual: bytes },
      );
    }
    this.#held.set(kind, (this.#held.get(kind) ?? 0) + bytes);
  }

  /** Gives bytes back. */
  give(kind: string, bytes: number): void {
    this.#held.set(kind, (this.#held.get(kind) ?? 0) - bytes);
  }
}
