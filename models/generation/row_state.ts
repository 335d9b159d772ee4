/**
 * What programs are told about their rows, and what they leave behind:
 * control rows, and tables of pages and pictures.
 *
 * @module
 */

import type { Device, Executable } from "../../core/device.ts";
import { CONTROL, controlWidth } from "../../ops/control_row.ts";
import { readControlRow } from "../../ops/read_control_row.ts";
import { TOPS_WIDTH } from "../../ops/top_entries.ts";
import { writeControlRow } from "../../ops/write_control_row.ts";
import { rowBucket } from "./buckets.ts";
import type { Pools } from "./pools.ts";
import { isAdjusted, packAdjustments } from "./row_adjustments.ts";
import { ADJUSTMENTS, controlName, topsName } from "./sampler_states.ts";
import {
  controlFields,
  type RunFields,
  type Sequence,
  takeOver,
} from "./sequence.ts";
import type { ModelStack } from "./stack.ts";

/** Room for adjustments at first; it grows. */
const FIRST_WORDS = 4096;

/** Writes and reads the rows' state on the device. */
export class RowState {
  readonly #device: Device;
  readonly #stack: ModelStack;
  readonly #pools: Pools;

  /** Shares the engine's pools. */
  constructor(device: Device, stack: ModelStack, pools: Pools) {
    this.#device = device;
    this.#stack = stack;
    this.#pools = pools;
  }

  /** Writes the control rows of a run; rows without a sequence are idle. */
  writeControl(
    rows: number,
    sequences: readonly Sequence[],
    runOf: (sequence: Sequence, i: number) => RunFields,
  ): void {
    const { vocabulary } = this.#stack.language;
    const width = controlWidth(vocabulary);
    const words = new Uint32Array(rows * width);
    const adjustments = packAdjustments(sequences, vocabulary);
    for (let i = 0; i < rows; i++) {
      const sequence = sequences[i];
      const fields = sequence
        ? controlFields(sequence, runOf(sequence, i), adjustments.places[i])
        : { isDone: true };
      writeControlRow(words.subarray(i * width, (i + 1) * width), fields);
    }
    const { states } = this.#pools;
    states.get(controlName(rows))!.write(words);
    if (adjustments.words.length === 0) return;
    // Runs that do not draw may come before there is room for any.
    states.get(ADJUSTMENTS)?.write(adjustments.words);
  }

  /** Writes the tables of pages and pictures. */
  writeTables(
    program: Executable,
    rows: number,
    sequences: readonly Sequence[],
  ): void {
    const { rowPages, rowPictures } = this.#pools.sizes;
    const table = new Uint32Array(rows * rowPages);
    const mediaTable = new Uint32Array(rows * rowPictures);
    sequences.forEach(({ pages, pictures }, i) => {
      table.set(pages.slice(0, rowPages), i * rowPages);
      // What nobody sees may point anywhere.
      mediaTable.set(
        pictures.map((slot) => Math.max(0, slot)),
        i * rowPictures,
      );
    });
    program.write("table", table);
    if (this.#stack.eyes) program.write("mediaTable", mediaTable);
  }

  /**
   * Words that the rows' adjustments take; undefined where no row asks for
   * more than the plain sampler.
   */
  adjustmentWords(sequences: readonly Sequence[]): number | undefined {
    const isPlain = sequences.every((sequence) =>
      sequence.sampler.topLogprobs === 0 && !isAdjusted(sequence)
    );
    if (isPlain) return undefined;
    const { vocabulary } = this.#stack.language;
    const { words } = packAdjustments(sequences, vocabulary);
    return Math.max(FIRST_WORDS, words.length);
  }

  /**
   * Reads control rows back, with one wait, into their sequences; undefined
   * stands for a row that did not draw.
   */
  async pull(rows: readonly (Sequence | undefined)[]): Promise<void> {
    const drawn = [...rows.keys()].filter((i) => rows[i] !== undefined);
    if (drawn.length === 0) return;
    const { states } = this.#pools;
    const bucket = rowBucket(rows.length);
    const control = states.get(controlName(bucket))!;
    const notes = states.get(topsName(bucket))!;
    const width = controlWidth(this.#stack.language.vocabulary);
    const noted = drawn.filter((i) => rows[i]!.sampler.topLogprobs > 0);
    const words = await this.#device.readArrays([
      ...drawn.map((i) => ({
        array: control,
        start: i * width,
        end: i * width + CONTROL.seen,
      })),
      ...noted.map((i) => ({
        array: notes,
        start: i * TOPS_WIDTH,
        end: (i + 1) * TOPS_WIDTH,
      })),
    ]) as Uint32Array<ArrayBuffer>[];
    const topsOf = new Map(
      noted.map((row, n) => [row, words[drawn.length + n]!]),
    );
    drawn.forEach((row, n) => {
      const state = readControlRow(words[n]!, topsOf.get(row));
      takeOver(rows[row]!, state);
    });
  }
}
