/**
 * What does not fit, collected, so that one error can tell all of it.
 *
 * @module
 */

import { type ErrorCode, RookeryError } from "../core/errors.ts";

/** One thing that does not fit. */
export interface Misfit {
  /** Place in the config or among the weights, e.g. `vision.levels`. */
  readonly path: string;
  /** The value, the rule and what to do. */
  readonly reason: string;
}

/** A growing list of misfits. */
export class Misfits {
  readonly #found: Misfit[] = [];

  /** Number of misfits so far. */
  get count(): number {
    return this.#found.length;
  }

  /** All misfits so far. */
  get list(): readonly Misfit[] {
    return [...this.#found];
  }

  /** Adds one. */
  add(path: string, reason: string): void {
    this.#found.push({ path, reason });
  }

  /**
   * Runs a step that may throw the library's own error, and adds that instead;
   * undefined then. Other errors go through.
   */
  async attempt<T>(
    path: string,
    step: () => T | Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      this.add(path, error.message);
      return undefined;
    }
  }

  /** Throws one error with all misfits, if there are any. */
  throwIfAny(code: ErrorCode, action: string): void {
    if (this.count === 0) return;
    const lines = this.#found
      .map(({ path, reason }) => `\n- ${path}: ${reason}`);
    const misfits = this.count === 1 ? "1 misfit" : `${this.count} misfits`;
    throw new RookeryError(
      code,
      `Cannot ${action} as there ${
        this.count === 1 ? "is" : "are"
      } ${misfits}:${lines.join("")}`,
      { path: this.#found[0]!.path, actual: this.list },
    );
  }
}
