/**
 * A beginning that many prompts have in common, read once.
 *
 * @module
 */

import type { Engine } from "../generation/engine.ts";
import type { Sequence } from "../generation/sequence.ts";

/** A beginning of prompts; prompts after it go their own ways. */
export class Prefix implements Disposable {
  /** Its sequence; prompts after it are forks. */
  readonly sequence: Sequence;
  readonly #engine: Engine;

  /** Takes over a sequence that was fed and drew nothing. */
  constructor(engine: Engine, sequence: Sequence) {
    this.#engine = engine;
    this.sequence = sequence;
  }

  /** Gives its pages and pictures back; prompts that go on keep theirs. */
  [Symbol.dispose](): void {
    this.#engine.close(this.sequence);
  }
}
