/**
 * Pictures that were encoded, by content: the same bytes are encoded once and
 * their keys and values shared by every sequence that shows them.
 *
 * @module
 */

import type { Engine } from "../generation/engine.ts";
import type { Sequence } from "../generation/sequence.ts";
import type { ImageProcessor, Picture } from "../slots.ts";

/** A picture as users give it: a path, an encoded file, or decoded pixels. */
export type Media = string | Uint8Array | Picture;

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
  async add(sequence: Sequence, media: readonly Media[]): Promise<void> {
    const keys: string[] = [];
    const fresh = new Map<string, Float32Array<ArrayBuffer>>();
    for (const one of media) {
      const picture = isPicture(one) ? one : await this.#image.read(one);
      const key = await keyOf(picture);
      keys.push(key);
      if (this.#slots.has(key) || fresh.has(key)) continue;
      fresh.set(key, this.#image.process(picture));
    }
    if (fresh.size > 0) {
      const slots = await this.#engine.addPictures(this.#holder, [
        ...fresh.values(),
      ]);
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

function isPicture(media: Media): media is Picture {
  return typeof media === "object" && "data" in media;
}

async function keyOf({ width, height, data }: Picture): Promise<string> {
  const bytes = new Uint8Array(data);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `${width}x${height}:${new Uint8Array(digest).toHex()}`;
}
