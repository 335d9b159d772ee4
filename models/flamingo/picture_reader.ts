/**
 * Pictures and videos of prompts, named by what the encoder will read.
 *
 * @module
 */

import { noted, type Profiler } from "../../core/profile/profiler.ts";
import type { PicturePixels } from "../generation/picture_jobs.ts";
import { type KeyedPicture, pictureKey } from "../generation/picture_key.ts";
import type { ImageProcessor, Picture } from "../slots.ts";
import { contentKey, framesOf, type Media } from "./media.ts";
import type { PictureItem } from "./prompt.ts";

/** Contents whose names are remembered, so that they need no processing. */
const MOST_KEYS = 4096;

/** Reads pictures; remembers names, not pictures. */
export class PictureReader {
  readonly #image: ImageProcessor;
  /** Name of the pixels by content before processing, oldest first. */
  readonly #keys = new Map<string, string>();

  readonly #profiler: Profiler | undefined;

  /** Reads by an image processor; times are noted where there is a profiler. */
  constructor(image: ImageProcessor, profiler: Profiler | undefined) {
    this.#image = image;
    this.#profiler = profiler;
  }

  /** A picture for a place of a sequence, from 0. */
  read(item: PictureItem<Media>, place: number): Promise<KeyedPicture> {
    const kind = ["pictures", "decode and resize"] as const;
    return noted(this.#profiler, kind, () => this.#read(item, place));
  }

  async #read(item: PictureItem<Media>, place: number): Promise<KeyedPicture> {
    const frames = await framesOf(item, this.#image);
    const content = await contentKey(frames);
    const known = this.#keys.get(content);
    if (known !== undefined) {
      return { key: known, place, pixels: () => this.#pixelsOf(frames) };
    }
    const pixels = this.#pixelsOf(frames);
    const key = await pictureKey(pixels);
    if (this.#keys.size >= MOST_KEYS) {
      this.#keys.delete(this.#keys.keys().next().value!);
    }
    this.#keys.set(content, key);
    return { key, place, pixels: () => pixels };
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
}
