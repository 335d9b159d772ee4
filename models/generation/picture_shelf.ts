/**
 * Pictures of sequences: encoded once each, kept by content, shared by all that
 * show them.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import {
  type PictureJob,
  pictureJobs,
  type PicturePixels,
} from "./picture_jobs.ts";
import { type KeyedPicture, pictureKey } from "./picture_key.ts";
import { PictureRunner, type PictureValues } from "./picture_runner.ts";
import type { Pools } from "./pools.ts";
import type { ProgramSet } from "./program_set.ts";
import type { ProgramSetup } from "./program_setup.ts";
import { NO_PICTURE, type Sequence } from "./sequence.ts";

/** A picture to show, and its place in a sequence for the resampler. */
export interface ShownPicture extends KeyedPicture {
  /** How many pictures come before it, as the resampler is told. */
  readonly index: number;
}

/** What pictures were found encoded, and what is kept. */
export interface MediaCacheCounts {
  /** Pictures that were encoded already when they were shown. */
  readonly hits: number;
  /** Pictures that had to be encoded. */
  readonly misses: number;
  /** Pictures that lie in the cache, those in use among them. */
  readonly pictures: number;
  /** Bytes that they take. */
  readonly bytes: number;
  /** Bytes that pictures out of use may take. */
  readonly budgetBytes: number;
}

/** Slots of pictures, by content. */
export class PictureShelf {
  readonly #pools: Pools;
  readonly #programs: ProgramSet;
  readonly #setup: () => ProgramSetup;
  readonly #runner: PictureRunner;
  #hits = 0;
  #misses = 0;

  /** Shares the engine's pools and programs. */
  constructor(
    { pools, programs, setup }: {
      readonly pools: Pools;
      readonly programs: ProgramSet;
      setup(): ProgramSetup;
    },
  ) {
    this.#pools = pools;
    this.#programs = programs;
    this.#setup = setup;
    this.#runner = new PictureRunner(programs);
  }

  /** See `MediaCacheCounts`. */
  get counts(): MediaCacheCounts {
    const { media, entryBytes: { picture } } = this.#pools;
    return {
      hits: this.#hits,
      misses: this.#misses,
      pictures: media.size,
      bytes: media.size * picture,
      budgetBytes: media.most * picture,
    };
  }

  /**
   * Shows pictures to a sequence at their places; those that are not known yet
   * are encoded. When that fails, the sequence is as it was.
   */
  async show(
    sequence: Sequence,
    pictures: readonly ShownPicture[],
  ): Promise<void> {
    const { pictures: pool, media } = this.#pools;
    const held: number[] = [];
    const slots = new Map<string, number>();
    const fresh = new Map<string, ShownPicture>();
    for (const picture of pictures) {
      const name = this.#nameOf(picture);
      const slot = slots.get(name) ?? media.use(name)?.entry;
      if (slot === undefined) fresh.set(name, picture);
      // Held before room is made, so that it is not given away.
      else if (!slots.has(name)) {
        pool.retain(slot);
        held.push(slot);
        slots.set(name, slot);
      }
    }
    try {
      const made = await this.#encode([...fresh.values()]);
      held.push(...made);
      [...fresh.keys()].forEach((name, i) => {
        media.add(name, made[i]!);
        slots.set(name, made[i]!);
      });
      for (const picture of pictures) {
        this.#place(sequence, picture, slots.get(this.#nameOf(picture))!);
      }
    } finally {
      held.forEach((slot) => pool.release(slot));
      media.trim();
    }
    this.#misses += fresh.size;
    this.#hits += pictures.length - fresh.size;
  }

  /** Gives pictures that a sequence shows to another one, after its own. */
  share(sequence: Sequence, slots: readonly number[], keys: readonly string[]) {
    sequence.pictureKeys = [...sequence.pictureKeys, ...keys];
    sequence.pictures.push(...this.retain(slots));
  }

  /** Holds slots once more. */
  retain(slots: readonly number[]): number[] {
    for (const slot of slots) {
      if (slot !== NO_PICTURE) this.#pools.pictures.retain(slot);
    }
    return [...slots];
  }

  /** Takes the first `count` pictures away from a sequence. */
  hide({ pictures }: Sequence, count: number): void {
    for (let i = 0; i < Math.min(count, pictures.length); i++) {
      if (pictures[i] === NO_PICTURE) continue;
      this.#pools.pictures.release(pictures[i]!);
      pictures[i] = NO_PICTURE;
    }
    this.#pools.media.trim();
  }

  /** Features and latents of pictures, kept nowhere. */
  describe(jobs: readonly PictureJob[]): Promise<PictureValues> {
    return this.#runner.describe(this.#setup(), jobs);
  }

  /** Encodes pictures into new slots, which the caller holds. */
  async #encode(pictures: readonly ShownPicture[]): Promise<number[]> {
    if (pictures.length === 0) return [];
    const pixels = await Promise.all(pictures.map((each) => each.pixels()));
    const indices = pictures.map(({ index }) => index);
    const jobs = pictureJobs(this.#setup().stack, pixels, indices);
    await this.#programs.reserve({ pictures: jobs.length });
    const slots = jobs.map(() => this.#pools.pictures.take());
    try {
      await this.#runner.encode(this.#setup(), jobs, slots);
      return slots;
    } catch (error) {
      slots.forEach((slot) => this.#pools.pictures.release(slot));
      throw error;
    }
  }

  /** Latents of a picture depend on its place where the resampler reads it. */
  #nameOf({ key, index }: ShownPicture): string {
    const { eyes } = this.#setup().stack;
    return eyes?.resampler.readsIndex ? `${index}:${key}` : key;
  }

  #place(
    sequence: Sequence,
    { key, place }: ShownPicture,
    slot: number,
  ): void {
    const { pictures } = sequence;
    if ((pictures[place] ?? NO_PICTURE) !== NO_PICTURE) {
      throw new RookeryError(
        "usage",
        `Cannot show a picture at place ${place + 1} of a sequence as there ` +
          "is one: show each picture once",
        { actual: place },
      );
    }
    const keys = [...sequence.pictureKeys];
    while (pictures.length < place) pictures.push(NO_PICTURE);
    while (keys.length < place) keys.push("");
    this.#pools.pictures.retain(slot);
    pictures[place] = slot;
    keys[place] = key;
    sequence.pictureKeys = keys;
  }
}

/** Pixels as pictures to show after `first` others, named by content. */
export function shownPixels(
  pixels: readonly PicturePixels[],
  first: number,
  indices?: readonly number[],
): Promise<ShownPicture[]> {
  return Promise.all(pixels.map(async (own, i) => ({
    key: await pictureKey(own),
    place: first + i,
    index: indices?.[i] ?? first + i,
    pixels: () => own,
  })));
}
