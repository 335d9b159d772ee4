/**
 * A program in stages.
 *
 * @module
 */

import type { Dispatch } from "./dispatch.ts";
import type { Stage, WebGpuWeight, WeightFill } from "./resources.ts";

interface OpenStage extends Stage {
  readonly dispatches: Dispatch[];
}

/**
 * Collects the dispatches of segments. One that waits for weights begins a
 * stage; those after it that wait for none belong to it.
 */
export class StageList {
  readonly #stages: OpenStage[] = [{ fill: undefined, dispatches: [] }];
  #fills = 0;

  /** Begins a segment; tells where the weights that it waits for will be. */
  begin(streamed: readonly WebGpuWeight[]): WeightFill["spans"] {
    const first = streamed[0]?.streamed;
    if (first === undefined) return new Map();
    // Areas take turns, so that one is filled while the other is read.
    const fill = first.bringer.place(streamed, this.#fills++ % 2);
    this.#stages.push({ fill, dispatches: [] });
    return fill.spans;
  }

  /** Adds the segment's dispatches. */
  add(dispatches: readonly Dispatch[]): void {
    this.#stages.at(-1)!.dispatches.push(...dispatches);
  }

  /** Stages in order, without empty ones. */
  get all(): readonly Stage[] {
    return this.#stages.filter(({ dispatches }) => dispatches.length > 0);
  }
}
