/**
 * The two ends of one zip member: an inflater that passes unwanted members by,
 * and a writer into a file.
 *
 * @module
 */

import { dirname } from "node:path";
import { Inflate, type UnzipDecoderConstructor } from "fflate";

const NOTHING = new Uint8Array(0);

/**
 * A decoder for deflated members that inflates only the wanted ones. The zip
 * reader buffers members that are not started, so the others are started too,
 * and dropped here.
 */
export function selectiveInflate(
  isWanted: (name: string) => boolean,
): UnzipDecoderConstructor {
  return class {
    static compression = 8;
    ondata: (
      error: Error | null,
      chunk: Uint8Array,
      isLast: boolean,
    ) => void = () => {};
    #inflate: Inflate | undefined;

    constructor(name: string) {
      if (!isWanted(name)) return;
      this.#inflate = new Inflate((chunk, isLast) =>
        this.ondata(null, chunk, isLast)
      );
    }

    push(chunk: Uint8Array, isLast: boolean): void {
      if (this.#inflate) this.#inflate.push(chunk, isLast);
      else this.ondata(null, NOTHING, isLast);
    }
  } as unknown as UnzipDecoderConstructor;
}

/** Writes one member's chunks into a new file. */
export class MemberWriter {
  /** Name of the member in its archive. */
  readonly name: string;
  #file: Deno.FsFile | undefined;
  #isComplete = false;

  /** Opens `path` for writing; folders above it are made. */
  constructor(path: string, name: string) {
    this.name = name;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#file = Deno.openSync(path, {
      write: true,
      create: true,
      truncate: true,
    });
  }

  /** Whether the last chunk was written. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Writes a chunk; after the last one the file is closed. */
  write(chunk: Uint8Array, isLast: boolean): void {
    let rest = chunk;
    while (this.#file && rest.length > 0) {
      rest = rest.subarray(this.#file.writeSync(rest));
    }
    if (!isLast) return;
    this.#isComplete = true;
    this.close();
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
