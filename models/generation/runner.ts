/**
 * Runs the engine's programs: fills their inputs from sequences, keeps pages
 * and control rows right, and takes results back.
 *
 * @module
 */

import type { Device, DeviceWeight, Executable } from "../../core/device.ts";
import { RING_ENTRIES } from "../../ops/control_row.ts";
import {
  bucketOf,
  CHUNK_LENGTHS,
  chunksOf,
  groupsOf,
  MOST_ROWS,
  rowBucket,
  textBucket,
} from "./buckets.ts";
import type { EngineOptions } from "./engine_options.ts";
import { extendPages } from "./extend_pages.ts";
import {
  cut,
  type DrawRow,
  type FeedRow,
  type ScoreRow,
  withPending,
} from "./feed_row.ts";
import type { PictureJob } from "./picture_jobs.ts";
import { PictureRunner, type PictureValues } from "./picture_runner.ts";
import { FIRST_PICTURES, FIRST_TOKENS } from "./pool_sizes.ts";
import { Pools } from "./pools.ts";
import { sharePages } from "./share_pages.ts";
import { ProgramSet } from "./program_set.ts";
import { RowState } from "./row_state.ts";
import { decodeProgram, textProgram, type Wanted } from "./programs.ts";
import type { ProgramSetup } from "./program_setup.ts";
import type { SamplerExtras } from "./sampler_states.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import type { ModelStack } from "./stack.ts";

/** Most steps between two readbacks: the ring keeps their draws. */
const MOST_STEPS = RING_ENTRIES - 1;

/** Runs programs on sequences. */
export class Runner implements Disposable {
  readonly #stack: ModelStack;
  readonly #pools: Pools;
  readonly #rows: RowState;
  readonly #programs: ProgramSet;
  readonly #pictures: PictureRunner;
  readonly #taps: readonly string[] | undefined;
  /** Sequences whose control rows lie on the device as they should. */
  #resident: readonly Sequence[] = [];

  /** Allocates the pools. */
  constructor(
    device: Device,
    stack: ModelStack,
    weights: ReadonlyMap<string, DeviceWeight>,
    options: EngineOptions & { readonly context: number },
  ) {
    this.#stack = stack;
    const { tokens = FIRST_TOKENS, pictures = FIRST_PICTURES } = options;
    const { context, taps } = options;
    const { activations = "f32" } = options;
    this.#taps = taps;
    const sizes = { tokens, pictures, activations };
    this.#pools = new Pools(device, stack, sizes, context);
    this.#rows = new RowState(device, stack, this.#pools);
    this.#programs = new ProgramSet(device, weights, this.#pools);
    this.#pictures = new PictureRunner(this.#programs);
  }

  /** Feeds chunks, as many rows and tokens at a time as programs take. */
  async feed(rows: readonly FeedRow[]): Promise<void> {
    let pending = rows.map(withPending);
    while (pending.length > 0) {
      const { length, most } = textBucket(pending);
      const group = pending.slice(0, most).map((row) => cut(row, length));
      const isSampled = group.some(({ now }) => now.draws > 0);
      const now = group.map((row) => row.now);
      await this.#runText(now, length, isSampled ? "sample" : "cache");
      const left = group.flatMap(({ rest }) => rest ? [rest] : []);
      pending = [...left, ...pending.slice(most)];
      // The readback waits for the device, so it is left to `draw` when the
      // same rows go on there.
      const isLast = pending.length === 0 && now.every((row) => row.draws > 0);
      if (isSampled && !isLast) {
        await this.#rows.pull(
          now.map((row) => row.draws > 0 ? row.sequence : undefined),
        );
      }
      this.#resident = isLast ? now.map((row) => row.sequence) : [];
    }
  }

  /** Draws up to so many tokens for each sequence, then reads them back. */
  async draw(rows: readonly DrawRow[]): Promise<void> {
    const resident = this.#resident;
    const isResident = resident.length === rows.length &&
      rows.every(({ sequence }, i) => sequence === resident[i]);
    if (!isResident && resident.length > 0) await this.#rows.pull(resident);
    this.#resident = [];
    const open = rows.filter(({ sequence }) => !sequence.isDone);
    for (const group of groupsOf(open, MOST_ROWS)) {
      let left = group;
      for (let isFirst = true; left.length > 0; isFirst = false) {
        await this.#drawGroup(left, isResident && isFirst);
        left = left.map(({ sequence, draws }) => ({
          sequence,
          draws: sequence.isDone ? 0 : draws - MOST_STEPS,
        })).filter(({ draws }) => draws > 0);
      }
    }
  }

  /** See `Engine.score`. Rows of like length run together. */
  async score(rows: readonly ScoreRow[]): Promise<Float32Array[]> {
    const results = new Map<ScoreRow, Float32Array>();
    let left = rows.toSorted((a, b) =>
      a.chunk.tokens.length - b.chunk.tokens.length
    );
    while (left.length > 0) {
      const { length } = textBucket(left.slice(0, 1));
      const fitting = left.filter(({ chunk }) => chunk.tokens.length <= length);
      const { most } = textBucket(fitting);
      const group = fitting.slice(0, most);
      const scores = await this.#scoreGroup(group, length);
      group.forEach((row, i) => results.set(row, scores[i]!));
      left = left.slice(group.length);
    }
    return rows.map((row) => results.get(row)!);
  }

  /** See `Engine.logits`. */
  async logits(sequence: Sequence, chunk: Chunk): Promise<Float32Array> {
    const { vocabulary } = this.#stack.language;
    const all = new Float32Array(chunk.tokens.length * vocabulary);
    let at = 0;
    for (const part of chunksOf(chunk, 32)) {
      const length = bucketOf(CHUNK_LENGTHS, part.tokens.length, 32);
      const row = { sequence, chunk: part, draws: 0 };
      const program = await this.#runText([row], length, "logits");
      const [logits] = await program.read("logits");
      const used = part.tokens.length * vocabulary;
      all.set((logits as Float32Array).subarray(0, used), at);
      at += used;
    }
    return all;
  }

  /** Encodes pictures into new slots. */
  async encode(jobs: readonly PictureJob[]): Promise<number[]> {
    await this.#programs.reserve({ pictures: jobs.length });
    const slots = jobs.map(() => this.#pools.pictures.take());
    await this.#pictures.encode(this.#setup(), jobs, slots);
    return slots;
  }

  /** See `Engine.describePictures`. */
  describe(jobs: readonly PictureJob[]): Promise<PictureValues> {
    return this.#pictures.describe(this.#setup(), jobs);
  }

  /** Holds slots once more. */
  sharePictures(slots: readonly number[]): number[] {
    slots.forEach((slot) => this.#pools.pictures.retain(slot));
    return [...slots];
  }

  /** Lets go of a slot. */
  dropPicture(slot: number): void {
    this.#pools.pictures.release(slot);
  }

  /** See `sharePages`. */
  sharePages(sequence: Sequence): Promise<number[]> {
    const place = { pools: this.#pools, programs: this.#programs };
    return sharePages({ ...place, setup: () => this.#setup() }, sequence);
  }

  /** Gives pages and slots back. */
  release(sequence: Sequence): void {
    sequence.pages.forEach((page) => this.#pools.pages.release(page));
    sequence.pictures.forEach((slot) => this.#pools.pictures.release(slot));
    sequence.pages.length = 0;
    sequence.pictures.length = 0;
    this.#resident = this.#resident.filter((other) => other !== sequence);
  }

  /** Releases programs and pools. */
  [Symbol.dispose](): void {
    this.#programs[Symbol.dispose]();
    this.#pools[Symbol.dispose]();
  }

  #setup(): ProgramSetup {
    const taps = this.#taps === undefined ? {} : { taps: this.#taps };
    return { stack: this.#stack, sizes: this.#pools.sizes, ...taps };
  }

  /** Makes sure that every sequence has pages for `extra` more tokens. */
  #extend(sequences: readonly Sequence[], extra: number): Promise<void> {
    const room = { pools: this.#pools, programs: this.#programs };
    return extendPages(room, sequences, extra);
  }

  /** What the rows' sampling takes, with room made for it. */
  async #extras(
    sequences: readonly Sequence[],
  ): Promise<SamplerExtras | undefined> {
    const adjustmentWords = this.#rows.adjustmentWords(sequences);
    if (adjustmentWords === undefined) return undefined;
    await this.#programs.reserve({ adjustmentWords });
    return { adjustmentWords: this.#pools.adjustmentWords };
  }

  async #drawGroup(
    drawing: readonly DrawRow[],
    isResident: boolean,
  ): Promise<void> {
    const group = drawing.map(({ sequence }) => sequence);
    const draws = drawing.map((row) => Math.min(MOST_STEPS, row.draws));
    const steps = Math.max(...draws);
    // A token drawn by `feed` and not read back yet is fed first.
    await this.#extend(group, steps + 1);
    const rows = rowBucket(group.length);
    const extras = await this.#extras(group);
    const program = await this.#programs.get(
      `decode ${rows}${extras ? " extras" : ""}`,
      () => decodeProgram(this.#setup(), rows, extras),
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

  async #scoreGroup(
    group: readonly ScoreRow[],
    length: number,
  ): Promise<Float32Array[]> {
    const rows = group.map((row) => ({ ...row, draws: 0 }));
    const count = rowBucket(group.length);
    const targets = new Uint32Array(count * length);
    group.forEach((row, i) => targets.set(row.targets, i * length));
    const program = await this.#runText(rows, length, "logProbs", targets);
    const [logProbs] = await program.read("logProbs") as [Float32Array];
    return group.map((row, i) =>
      logProbs.slice(i * length, i * length + row.targets.length)
    );
  }

  /** Feeds one chunk a row, all of at most `length` tokens. */
  async #runText(
    group: readonly FeedRow[],
    length: number,
    wanted: Wanted,
    targets?: Uint32Array<ArrayBuffer>,
  ): Promise<Executable> {
    const rows = rowBucket(group.length);
    const ids = new Uint32Array(rows * length);
    const media = new Uint32Array(rows * length);
    const sequences = group.map(({ sequence }) => sequence);
    await this.#extend(sequences, length);
    const extras = wanted === "sample"
      ? await this.#extras(sequences)
      : undefined;
    const program = await this.#programs.get(
      `text ${rows}x${length} ${wanted}${extras ? " extras" : ""}`,
      () => textProgram(this.#setup(), rows, length, wanted, extras),
    );
    group.forEach(({ sequence, chunk }, i) => {
      ids.set(chunk.tokens, i * length);
      media.set(chunk.media, i * length);
      sequence.past.push(...chunk.tokens);
      sequence.media = chunk.media.at(-1)!;
      sequence.hasPending = false;
    });
    this.#rows.writeControl(rows, sequences, (sequence, i) => {
      const count = group[i]!.chunk.tokens.length;
      const position = sequence.past.length - count;
      return { position, count, draws: group[i]!.draws };
    });
    program.write("ids", ids);
    if (this.#stack.eyes) program.write("media", media);
    if (targets) program.write("targets", targets);
    this.#rows.writeTables(program, rows, sequences);
    await program.run();
    return program;
  }
}
