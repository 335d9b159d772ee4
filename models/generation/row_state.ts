/**
 * What programs are told about their rows, and what they leave behind:
 * control rows, and tables of pages and pictures.
 *
 * @module
 */

import type { Device, Executable } from "../../core/device.ts";
import {
  CONTROL,
  controlWidth,
  readControlRow,
  writeControlRow,
} from "../../ops/control_row.ts";
import { rowBucket } from "./buckets.ts";
import type { Pools } from "./pools.ts";
import { controlName } from "./programs.ts";
import {
  controlFields,
  type RunFields,
  type Sequence,
  takeOver,
} from "./sequence.ts";
import type { ModelStack } from "./stack.ts";

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
    const width = controlWidth(this.#stack.language.vocabulary);
    const words = new Uint32Array(rows * width);
    for (let i = 0; i < rows; i++) {
      const sequence = sequences[i];
      const fields = sequence
        ? controlFields(sequence, runOf(sequence, i))
        : { isDone: true };
      writeControlRow(words.subarray(i * width, (i + 1) * width), fields);
    }
    this.#pools.states.get(controlName(rows))!.write(words);
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
      mediaTable.set(pictures, i * rowPictures);
    });
    program.write("table", table);
    if (this.#stack.eyes) program.write("mediaTable", mediaTable);
  }

  /** Reads control rows back, with one wait, into their sequences. */
  async pull(sequences: readonly Sequence[]): Promise<void> {
    if (sequences.length === 0) return;
    const rows = rowBucket(sequences.length);
    const array = this.#pools.states.get(controlName(rows))!;
    const width = controlWidth(this.#stack.language.vocabulary);
    const states = await this.#device.readArrays(sequences.map((_, i) => ({
      array,
      start: i * width,
      end: i * width + CONTROL.seen,
    })));
    sequences.forEach((sequence, i) => {
      const words = states[i] as Uint32Array<ArrayBuffer>;
      takeOver(sequence, readControlRow(words));
    });
  }
}
