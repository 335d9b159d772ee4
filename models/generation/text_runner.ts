/**
 * Runs the programs of text: fills their inputs from sequences, keeps pages
 * and control rows right, and takes drawn tokens back.
 *
 * @module
 */

import type { Executable } from "../../core/device.ts";
import { RING_ENTRIES } from "../../ops/control_row.ts";
import { rowBucket } from "./buckets.ts";
import { extendPages } from "./extend_pages.ts";
import type { DrawRow, FeedRow } from "./feed_row.ts";
import type { PrefixCache } from "./prefix_cache.ts";
import { decodeProgram, textProgram, type Wanted } from "./programs.ts";
import { type ProgramView, viewName } from "./program_setup.ts";
import type { RowState } from "./row_state.ts";
import type { SamplerExtras } from "./sampler_states.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import type { PagePlace } from "./share_pages.ts";

/** Most steps between two readbacks: the ring keeps their draws. */
export const MOST_STEPS: number = RING_ENTRIES - 1;

/** What a chunk of text is run for. */
export interface TextRun {
  /** Tokens of a row that the program takes; a chunk has at most so many. */
  readonly length: number;
  /** What is wanted of it. */
  readonly wanted: Wanted;
  /** For `logProbs`: tokens [rows, length] whose chances are asked. */
  readonly targets?: Uint32Array<ArrayBuffer>;
  /** How its program differs from the usual; not at all by default. */
  readonly view?: ProgramView;
}

/** Runs chunks of text, and steps of drawing. */
export class TextRunner {
  readonly #place: PagePlace;
  readonly #rows: RowState;
  readonly #prefixes: PrefixCache;

  /** Shares the engine's pools, programs and control rows. */
  constructor(
    place: PagePlace,
    { rows, prefixes }: {
      readonly rows: RowState;
      readonly prefixes: PrefixCache;
    },
  ) {
    this.#place = place;
    this.#rows = rows;
    this.#prefixes = prefixes;
  }

  /** Feeds one chunk a row; the program holds what was wanted. */
  async run(
    group: readonly FeedRow[],
    { length, wanted, targets, view = {} }: TextRun,
  ): Promise<Executable> {
    const rows = rowBucket(group.length);
    const ids = new Uint32Array(rows * length);
    const media = new Uint32Array(rows * length);
    const sequences = group.map(({ sequence }) => sequence);
    const counts = group.map(({ chunk }) => chunk.tokens.length);
    await extendPages(this.#place, sequences, counts);
    const extras = wanted === "sample"
      ? await this.#extras(sequences)
      : undefined;
    const program = await this.#place.programs.get(
      `text ${rows}x${length} ${wanted}${extras ? " extras" : ""}` +
        viewName(view),
      () => {
        const setup = { ...this.#place.setup(), ...view };
        return textProgram(setup, rows, length, wanted, extras);
      },
    );
    group.forEach(({ sequence, chunk }, i) => {
      ids.set(chunk.tokens, i * length);
      media.set(chunk.media, i * length);
      sequence.ordinals = ordinalsAfter(sequence, chunk);
      sequence.past.push(...chunk.tokens);
      sequence.media = chunk.media.at(-1)!;
      sequence.hasPending = false;
    });
    this.#rows.writeControl(rows, sequences, (sequence, i) => {
      const count = counts[i]!;
      const position = sequence.past.length - count;
      return { position, count, draws: group[i]!.draws };
    });
    program.write("ids", ids);
    if (this.#place.setup().stack.eyes) program.write("media", media);
    if (targets) program.write("targets", targets);
    this.#rows.writeTables(program, rows, sequences);
    await program.run();
    for (const sequence of sequences) await this.#prefixes.note(sequence);
    return program;
  }

  /**
   * Draws for at most as many rows as a program takes, at most `MOST_STEPS`
   * tokens each. Control rows that are resident are not written again.
   */
  async draw(
    drawing: readonly DrawRow[],
    isResident: boolean,
  ): Promise<void> {
    const group = drawing.map(({ sequence }) => sequence);
    const draws = drawing.map((row) => Math.min(MOST_STEPS, row.draws));
    const steps = Math.max(...draws);
    // A token drawn by `feed` and not read back yet is fed first.
    await extendPages(this.#place, group, group.map(() => steps + 1));
    const rows = rowBucket(group.length);
    const extras = await this.#extras(group);
    const program = await this.#place.programs.get(
      `decode ${rows}${extras ? " extras" : ""}`,
      () => decodeProgram(this.#place.setup(), rows, extras),
    );
    if (!isResident) {
      this.#rows.writeControl(rows, group, (sequence, i) => ({
        position: sequence.past.length,
        count: sequence.isDone ? 0 : 1,
        draws: draws[i]!,
      }));
    }
    this.#rows.writeTables(program, rows, group);
    await program.run(steps);
    await this.#rows.pull(group);
  }

  /** What the rows' sampling takes, with room made for it. */
  async #extras(
    sequences: readonly Sequence[],
  ): Promise<SamplerExtras | undefined> {
    const adjustmentWords = this.#rows.adjustmentWords(sequences);
    if (adjustmentWords === undefined) return undefined;
    await this.#place.programs.reserve({ adjustmentWords });
    return { adjustmentWords: this.#place.pools.adjustmentWords };
  }
}

/** Ordinals of a sequence's past once it was fed a chunk. */
function ordinalsAfter(
  { ordinals, past, media }: Sequence,
  chunk: Chunk,
): number[] {
  const known = ordinals.slice(0, past.length);
  const drawn = new Array<number>(past.length - known.length).fill(media);
  return [...known, ...drawn, ...chunk.media];
}
