/**
 * The engine: `step(rows)` feeds known tokens to sequences and draws new
 * ones, many sequences and several steps at a time. Everything else, `generate`
 * and servers included, is a client of it.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import type { CacheCounts } from "./cache_counts.ts";
import { checkRoom, checkScored } from "./check_room.ts";
import { checkNumbers } from "./check_numbers.ts";
import type { EngineMemory } from "./engine_memory.ts";
import type { EngineOptions } from "./engine_options.ts";
import type { NextRow, ScoreRow, StepRow } from "./feed_row.ts";
import type { Observer } from "./observer.ts";
import { pictureJobs, type PicturePixels } from "./picture_jobs.ts";
import type { Activations } from "./pool_sizes.ts";
import type { KeyedPicture } from "./picture_key.ts";
import { shownPixels } from "./picture_shelf.ts";
import type { PictureKeyOf } from "./prefix_cache.ts";
import type { PictureValues } from "./picture_runner.ts";
import { Runner } from "./runner.ts";
import { checkSamplerSettings } from "./check_sampler.ts";
import type { SamplerSettings } from "./sampler_settings.ts";
import { type Chunk, newSequence, type Sequence } from "./sequence.ts";
import type { SequenceSnapshot } from "./snapshot.ts";
import type { ModelStack } from "./stack.ts";

/** Runs a model for any number of sequences. */
export class Engine implements Disposable {
  /** The model. */
  readonly stack: ModelStack;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** How values between layers, keys and values are kept. */
  readonly activations: Activations;
  readonly #runner: Runner;
  /** The call in work: programs share inputs, so calls take turns. */
  #last: Promise<unknown> = Promise.resolve();

  /** Allocates the pools; programs are captured when first needed. */
  constructor(
    device: Device,
    stack: ModelStack,
    weights: ReadonlyMap<string, DeviceWeight>,
    options: EngineOptions = {},
  ) {
    this.stack = stack;
    this.activations = options.activations ?? "f32";
    this.context = options.context ?? stack.language.context;
    this.#runner = new Runner(device, stack, weights, {
      ...options,
      context: this.context,
    });
  }

  /** A new sequence without a past. */
  open(settings: SamplerSettings = {}): Sequence {
    const { vocabulary } = this.stack.language;
    const sampler = checkSamplerSettings(settings, { vocabulary });
    return newSequence(sampler);
  }

  /**
   * A sequence with the same past; full pages are shared, not copied. With
   * settings it draws by these, as if nothing had been drawn yet.
   */
  fork(sequence: Sequence, settings?: SamplerSettings): Promise<Sequence> {
    const fresh = settings && this.open(settings);
    return this.#inTurn(async () => ({
      ...sequence,
      ...(fresh ? { sampler: fresh.sampler } : {}),
      pages: await this.#runner.sharePages(sequence),
      pictures: this.#runner.pictures.retain(sequence.pictures),
      past: [...sequence.past],
      samples: fresh ? [] : [...sequence.samples],
    }));
  }

  /** What the device holds, by what it is for. */
  memory(): EngineMemory {
    return this.#runner.memory();
  }

  /**
   * How many tokens and pictures could be taken in now: free memory of the
   * caches, and what they may grow by within the device's budget.
   */
  room(): { readonly tokens: number; readonly pictures: number } {
    return this.#runner.room();
  }

  /**
   * What a sequence that drew nothing needs to go on, read from the device.
   *
   * @throws {RookeryError} `usage` for one without a past or with draws
   */
  snapshot(sequence: Sequence): Promise<SequenceSnapshot> {
    return this.#inTurn(() => this.#runner.snapshot(sequence));
  }

  /** A sequence that goes on from a snapshot of this model, bit for bit. */
  restore(
    snapshot: SequenceSnapshot,
    settings: SamplerSettings = {},
  ): Promise<Sequence> {
    const { sampler } = this.open(settings);
    return this.#inTurn(() => this.#runner.restore(snapshot, sampler));
  }

  /** Gives a sequence's pages and pictures back. */
  close(sequence: Sequence): void {
    this.#runner.release(sequence);
  }

  /**
   * Encodes pictures [3, px, px] and videos [f, 3, px, px], once each, and adds
   * them to a sequence. `indices` tell how many pictures and videos come before
   * each of them, for a resampler that reads it: by default those that the
   * sequence has. Those with pixels that are known are not encoded again. Returns
   * their slots.
   */
  addPictures(
    sequence: Sequence,
    pixels: readonly PicturePixels[],
    indices?: readonly number[],
  ): Promise<number[]> {
    return this.#inTurn(async () => {
      const first = sequence.pictures.length;
      const shown = await shownPixels(pixels, first, indices);
      // What cannot be read is refused even where it is known.
      pictureJobs(this.stack, pixels, shown.map(({ index }) => index));
      await this.#runner.pictures.show(sequence, shown);
      return sequence.pictures.slice(first);
    });
  }

  /**
   * Shows pictures to a sequence, each at its own place, by names: pixels are
   * asked for where nothing is known by that name.
   */
  showPictures(
    sequence: Sequence,
    pictures: readonly KeyedPicture[],
  ): Promise<void> {
    return this.#inTurn(async () =>
      await this.#runner.pictures.show(
        sequence,
        pictures.map((each) => ({ ...each, index: each.place })),
      )
    );
  }

  /** Shows pictures of one sequence to another, after its own. */
  sharePictures(sequence: Sequence, from: Sequence): void {
    const { pictures, pictureKeys } = from;
    this.#runner.pictures.share(sequence, pictures, pictureKeys);
  }

  /**
   * Takes the first `count` pictures away from a sequence, for good: for tokens
   * to come that cannot see them. Places of the others stay.
   */
  hidePictures(sequence: Sequence, count: number): void {
    this.#runner.pictures.hide(sequence, count);
  }

  /**
   * Features of all frames [Σf, n, d] and latents [t, r, d] of pictures and
   * videos, for those who want to look at them; nothing is kept. `indices` as
   * in `addPictures`, by default those of one sequence.
   */
  describePictures(
    pixels: readonly PicturePixels[],
    indices: readonly number[] = pixels.map((_, i) => i),
  ): Promise<PictureValues> {
    return this.#inTurn(async () =>
      await this.#runner.pictures.describe(
        pictureJobs(this.stack, pixels, indices),
      )
    );
  }

  /**
   * Gives a sequence without a past what is there already of a chunk, in whole
   * pages of 16 tokens, and keeps its full pages for others from now on.
   * Returns how many tokens of the chunk need not be fed; the last is never
   * among them. `keyOf` names pictures by `pictureKey`, by default those that
   * the sequence was shown; pictures that only the reused tokens see need not be
   * shown. Logits differ from those of the whole chunk by rounding, as it is
   * cut into other pieces.
   */
  reuse(
    sequence: Sequence,
    chunk: Chunk,
    keyOf: PictureKeyOf = (place) => sequence.pictureKeys[place] ?? "",
  ): Promise<number> {
    return this.#runner.prefixes.find(sequence, chunk, keyOf);
  }

  /**
   * Makes room for so many more tokens of a sequence, at once.
   *
   * @throws {RookeryError} `memory` beyond the budget
   */
  reserve(sequence: Sequence, tokens: number): Promise<void> {
    checkRoom(this.context, sequence, tokens);
    return this.#inTurn(() => this.#runner.reserve(sequence, tokens));
  }

  /** What the caches hold, and how often they helped. */
  get caches(): CacheCounts {
    const { pictures, prefixes } = this.#runner;
    return { media: pictures.counts, prefix: prefixes.counts };
  }

  /**
   * Feeds the rows' chunks, then draws tokens; samples go to the sequences. A
   * row whose logits go wrong does not disturb the others: its sequence is
   * done, with the reason in `failure`, and the step goes on and does not
   * throw. It throws for what concerns the whole step, e.g. memory.
   *
   * @throws {RookeryError} `prompt` where a row exceeds the context, before
   * anything is fed
   */
  step(rows: readonly StepRow[]): Promise<void> {
    return this.#inTurn(() => this.#step(rows));
  }

  /**
   * Log-likelihood of each row's targets after its chunk's tokens, all rows
   * side by side; nothing is drawn.
   */
  score(rows: readonly ScoreRow[]): Promise<Float32Array[]> {
    for (const { sequence, chunk } of rows) {
      checkRoom(this.context, sequence, chunk.tokens.length);
      checkScored(chunk.tokens.length);
    }
    return this.#inTurn(() => this.#runner.score(rows));
  }

  /**
   * Logits [l, v] after each token of a chunk.
   *
   * @throws {RookeryError} `numeric` where one is NaN or infinite
   */
  logits(sequence: Sequence, chunk: Chunk): Promise<Float32Array> {
    checkRoom(this.context, sequence, chunk.tokens.length);
    return this.#inTurn(async () =>
      checkNumbers("logits", await this.#runner.logits(sequence, chunk))
    );
  }

  /** Logits [v] after one token of each sequence, rows side by side. */
  nextLogits(rows: readonly NextRow[]): Promise<Float32Array[]> {
    for (const { sequence } of rows) checkRoom(this.context, sequence, 1);
    return this.#inTurn(() => this.#runner.nextLogits(rows));
  }

  /** Looks into the model, when calls before are done. */
  observe<Result>(
    look: (observer: Observer) => Promise<Result>,
  ): Promise<Result> {
    return this.#inTurn(() => look(this.#runner.observer()));
  }

  /** Releases programs and pools; sequences are void afterwards. */
  [Symbol.dispose](): void {
    this.#runner[Symbol.dispose]();
  }

  async #step(rows: readonly StepRow[]): Promise<void> {
    for (const { sequence, chunk, draws } of rows) {
      const tokens = (chunk?.tokens.length ?? 0) + draws - 1;
      checkRoom(this.context, sequence, tokens);
    }
    const fed = rows.flatMap(({ sequence, chunk, draws }) =>
      chunk ? [{ sequence, chunk, draws }] : []
    );
    await this.#runner.feed(fed);
    const isFed = new Set(fed.map(({ sequence }) => sequence));
    const left = rows.map(({ sequence, draws }) => ({
      sequence,
      draws: draws - (isFed.has(sequence) ? 1 : 0),
    }));
    await this.#runner.draw(
      left.filter((row) => row.draws > 0 && !row.sequence.isDone),
    );
  }

  /** Runs a call when those before it are done, whether they failed or not. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
