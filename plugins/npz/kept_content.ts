/**
 * Content that can only be had whole, such as a compressed member: the last
 * one is kept, as tensors are read from start to end in slices.
 *
 * @module
 */
import type { ReadBytes } from "../strided_tensor.ts";

type Make = () => Promise<Uint8Array<ArrayBuffer>>;

/** Keeps what was made last. */
export class KeptContent {
  #key: string | undefined;
  #content: Promise<Uint8Array<ArrayBuffer>> | undefined;

  /**
   * Reads from the content that goes by `key`.
   *
   * @param make makes it, when it is not the one that is kept
   * @param offset byte of it that reads count from
   */
  reader(key: string, make: Make, offset = 0): ReadBytes {
    return async (start, end) => {
      const content = await this.#get(key, make);
      return content.slice(offset + start, offset + end);
    };
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#key = this.#content = undefined;
  }

  #get(key: string, make: Make): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#key !== key || this.#content === undefined) {
      this.#key = key;
      this.#content = make();
    }
    return this.#content;
  }
}
