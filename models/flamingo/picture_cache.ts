/**
 * Pictures and videos that were encoded, by content: the same bytes are encoded
 * once and their keys and values shared by every sequence that shows them.
 *
 * @module
 */

import type { Engine } from "../generation/engine.ts";
import type { PicturePixels } from "../generation/picture_jobs.ts";
import type { Sequence } from "../generation/sequence.ts";
import type { ImageProcessor, Picture } from "../slots.ts";
import { contentKey, framesOf, type Media } from "./media.ts";
import type { PictureItem } from "./prompt.ts";

/** Encoded pictures, least recently used first. */
export class PictureCache implements Disposable {
  readonly #engine: Engine;
  readonly #image: ImageProcessor;
  readonly #capacity: number;
  readonly #slots = new Map<string, number>();
  /** Holds the cached slots, so that they outlive the sequences. */
  readonly #holder: Sequence;

  /** Keeps up to `capacity` pictures. */
  constructor(engine: Engine, image: ImageProcessor, capacity: number) {
    this.#engine = engine;
    this.#image = image;
    this.#capacity = capacity;
    this.#holder = engine.open();
  }

  /** Adds pictures to a sequence, encoding those that are new. */
  async add(
    sequence: Sequence,
    items: readonly PictureItem<Media>[],
  ): Promise<void> {
    const first = sequence.pictures.length;
    const keys: string[] = [];
    const fresh = new Map<string, { pixels: PicturePixels; index: number }>();
    for (const [i, item] of items.entries()) {
      const frames = await framesOf(item, this.#image);
      const index = first + i;
      const key = this.#placed(await contentKey(frames), index);
      keys.push(key);
      if (this.#slots.has(key) || fresh.has(key)) continue;
      fresh.set(key, { pixels: this.#pixelsOf(frames), index });
    }
    if (fresh.size > 0) {
      const slots = await this.#engine.addPictures(
        this.#holder,
        [...fresh.values()].map(({ pixels }) => pixels),
        [...fresh.values()].map(({ index }) => index),
      );
      [...fresh.keys()].forEach((key, i) => this.#slots.set(key, slots[i]!));
    }
    this.#engine.sharePictures(sequence, keys.map((key) => this.#use(key)));
    this.#evict();
  }

  /** Lets go of all pictures. */
  [Symbol.dispose](): void {
    this.#engine.close(this.#holder);
    this.#slots.clear();
  }

  /** Latents of a picture depend on its place where the resampler reads it. */
  #placed(key: string, index: number): string {
    const { eyes } = this.#engine.stack;
    return eyes?.resampler.readsIndex ? `${index}:${key}` : key;
  }

  /** Pixels [3, px, px] of a picture, [f, 3, px, px] of a video. */
  #pixelsOf(frames: readonly Picture[]): PicturePixels {
    if (frames.length === 1) return this.#image.process(frames[0]!);
    const size = 3 * this.#image.px ** 2;
    const pixels = new Float32Array(frames.length * size);
    frames.forEach((frame, i) =>
      pixels.set(this.#image.process(frame), i * size)
    );
    return pixels;
  }

  /** A cached slot, which becomes the most recently used. */
  #use(key: string): number {
    const slot = this.#slots.get(key)!;
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    return slot;
  }

  #evict(): void {
    while (this.#slots.size > this.#capacity) {
      const [key, slot] = this.#slots.entries().next().value!;
      this.#slots.delete(key);
      this.#engine.dropPicture(this.#holder, slot);
    }
  }
}
