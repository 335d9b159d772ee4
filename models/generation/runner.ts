/**
 * What the engine does on the device: feeding and drawing, scoring, pictures,
 * pages. Knows which control rows lie there as they should.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import { groupsOf, MOST_ROWS, textBucket } from "./buckets.ts";
import { type EngineMemory, engineMemory } from "./engine_memory.ts";
import type { EngineOptions } from "./engine_options.ts";
import { extendPages } from "./extend_pages.ts";
import {
  cut,
  type DrawRow,
  type FeedRow,
  type NextRow,
  type ScoreRow,
  withPending,
} from "./feed_row.ts";
import { EngineObserver } from "./engine_observer.ts";
import { PictureShelf } from "./picture_shelf.ts";
import { FIRST_PICTURES, FIRST_TOKENS } from "./pool_sizes.ts";
import { Pools } from "./pools.ts";
import { type PagePlace, sharePages } from "./share_pages.ts";
import { PrefixCache } from "./prefix_cache.ts";
import { ProgramSet } from "./program_set.ts";
import { RowState } from "./row_state.ts";
import type { ProgramSetup } from "./program_setup.ts";
import { chunkLogits, nextLogits, scoreRows } from "./score_rows.ts";
import type { Sampler } from "./sampler_settings.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import {
  restoreSnapshot,
  type SequenceSnapshot,
  takeSnapshot,
} from "./snapshot.ts";
import type { ModelStack } from "./stack.ts";
import { MOST_STEPS, TextRunner } from "./text_runner.ts";

/** Runs programs on sequences. */
export class Runner implements Disposable {
  /** Pictures of sequences. */
  readonly pictures: PictureShelf;
  /** Beginnings of prompts. */
  readonly prefixes: PrefixCache;
  readonly #device: Device;
  readonly #stack: ModelStack;
  readonly #pools: Pools;
  readonly #rows: RowState;
  readonly #programs: ProgramSet;
  readonly #texts: TextRunner;
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
    this.#device = device;
    this.#stack = stack;
    const { tokens = FIRST_TOKENS, pictures = FIRST_PICTURES } = options;
    const { context, taps, activations = "f32" } = options;
    const { mediaCacheBytes, prefixCacheBytes } = options;
    this.#taps = taps;
    const budgets = { mediaCacheBytes, prefixCacheBytes };
    const sizes = { tokens, pictures, activations, ...budgets };
    this.#pools = new Pools(device, stack, sizes, context);
    this.#rows = new RowState(device, stack, this.#pools);
    this.#programs = new ProgramSet(device, weights, this.#pools);
    const attendTo = stack.eyes?.crossAttention.attendTo;
    this.prefixes = new PrefixCache(this.#pools, attendTo);
    const { prefixes } = this;
    this.#texts = new TextRunner(this.#place, { rows: this.#rows, prefixes });
    this.pictures = new PictureShelf(this.#place);
  }

  /** Feeds chunks, as many rows and tokens at a time as programs take. */
  async feed(rows: readonly FeedRow[]): Promise<void> {
    let pending = rows.map(withPending);
    // All at once: pools grow once, and what cannot fit fails beforehand.
    await extendPages(
      this.#place,
      pending.map(({ sequence }) => sequence),
      pending.map(({ chunk }) => chunk.tokens.length),
    );
    while (pending.length > 0) {
      const { length, most } = textBucket(pending);
      const group = pending.slice(0, most).map((row) => cut(row, length));
      const isSampled = group.some(({ now }) => now.draws > 0);
      const now = group.map((row) => row.now);
      const wanted = isSampled ? "sample" : "cache";
      await this.#texts.run(now, { length, wanted });
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
        await this.#drawOn(left, isResident && isFirst);
        left = left.map(({ sequence, draws }) => ({
          sequence,
          draws: sequence.isDone ? 0 : draws - MOST_STEPS,
        })).filter(({ draws }) => draws > 0);
      }
    }
  }

  /**
   * Draws for a group. Where that fails before it begins, what `feed` drew is
   * read back all the same: otherwise these tokens would be lost.
   */
  async #drawOn(rows: readonly DrawRow[], isResident: boolean): Promise<void> {
    try {
      await this.#texts.draw(rows, isResident);
    } catch (error) {
      if (isResident) {
        await this.#rows.pull(rows.map(({ sequence }) => sequence));
      }
      throw error;
    }
  }

  /** See `Engine.score`. */
  score(rows: readonly ScoreRow[]): Promise<Float32Array[]> {
    return scoreRows(this.#texts, rows);
  }

  /** See `Engine.nextLogits`. */
  nextLogits(rows: readonly NextRow[]): Promise<Float32Array[]> {
    const { vocabulary } = this.#stack.language;
    return nextLogits(this.#texts, vocabulary, rows);
  }

  /** See `Engine.logits`. */
  logits(sequence: Sequence, chunk: Chunk): Promise<Float32Array> {
    const { vocabulary } = this.#stack.language;
    return chunkLogits(this.#texts, vocabulary, { sequence, chunk });
  }

  /** See `Engine.memory`. */
  memory(): EngineMemory {
    return engineMemory(this.#device, this.#pools, this.#programs.size);
  }

  /** See `Engine.room`. */
  room(): { readonly tokens: number; readonly pictures: number } {
    const { pages, pictures } = this.#pools.room();
    return { tokens: pages * PAGE_SLOTS, pictures };
  }

  /** See `Engine.reserve`. */
  reserve(sequence: Sequence, tokens: number): Promise<void> {
    return extendPages(this.#place, [sequence], [tokens]);
  }

  /** See `Engine.snapshot`. */
  snapshot(sequence: Sequence): Promise<SequenceSnapshot> {
    return takeSnapshot({ ...this.#place, device: this.#device }, sequence);
  }

  /** See `Engine.restore`. */
  restore(snapshot: SequenceSnapshot, sampler: Sampler): Promise<Sequence> {
    const place = { ...this.#place, device: this.#device };
    return restoreSnapshot(place, snapshot, sampler);
  }

  /** See `sharePages`. */
  sharePages(sequence: Sequence): Promise<number[]> {
    return sharePages(this.#place, sequence);
  }

  /** Gives pages and slots back. */
  release(sequence: Sequence): void {
    sequence.pages.forEach((page) => this.#pools.pages.release(page));
    this.pictures.hide(sequence, sequence.pictures.length);
    this.#pools.prefixes.trim();
    sequence.pages.length = 0;
    sequence.pictures.length = 0;
    this.#resident = this.#resident.filter((other) => other !== sequence);
  }

  /** Releases programs and pools. */
  [Symbol.dispose](): void {
    this.#programs[Symbol.dispose]();
    this.#pools[Symbol.dispose]();
  }

  /** Runs chunks and pictures so that inner values can be read. */
  observer(): EngineObserver {
    return new EngineObserver(this.#place, this.#texts);
  }

  /** Where sequences' pages lie. */
  get #place(): PagePlace {
    return {
      pools: this.#pools,
      programs: this.#programs,
      setup: () => this.#setup(),
    };
  }

  #setup(): ProgramSetup {
    const taps = this.#taps === undefined ? {} : { taps: this.#taps };
    return { stack: this.#stack, sizes: this.#pools.sizes, ...taps };
  }
}
