/**
 * Times the ops of a segment on the CPU device, one after the other.
 *
 * @module
 */

import { operandsOf } from "../graph.ts";
import { opOf } from "../op.ts";
import { describeUse } from "../profile/kernel_use.ts";
import type { Profiler } from "../profile/profiler.ts";
import type { Tensor } from "../tensor.ts";

/** Notes the time since the op before. */
export class OpTimer {
  readonly #profiler: Profiler;
  readonly #program: string;
  readonly #prefix: string;
  #last: number;

  /** Starts the first op's time. */
  constructor(profiler: Profiler, program: string, prefix: string) {
    this.#profiler = profiler;
    this.#program = program;
    this.#prefix = prefix;
    this.#last = profiler.now();
  }

  /** Notes that a value is computed; leaves and views take no time. */
  add(tensor: Tensor): void {
    const op = opOf(tensor);
    const now = this.#profiler.now();
    if (op !== undefined && !op.isView) {
      const use = describeUse({
        kernel: op.name,
        tensor,
        inputs: operandsOf(tensor).map((type) => ({ type })),
        program: this.#program,
        prefix: this.#prefix,
        isFirst: true,
      });
      this.#profiler.addDispatch(use, this.#last, now - this.#last);
    }
    this.#last = this.#profiler.now();
  }
}
