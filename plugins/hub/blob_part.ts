/**
 * A file on its way: what has come so far lies in `….incomplete`, so that a cut
 * download goes on, and gets its own name when its hash is right.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import type { HubFile } from "./model_cache.ts";

/** Bytes read at once where an earlier part is hashed. */
const CHUNK_BYTES = 1 << 20;

/** The part of a file that is there, and the hash of it. */
export class BlobPart implements Disposable {
  /** Where the part lies. */
  readonly path: string;
  readonly #target: HubFile;
  readonly #file: Deno.FsFile;
  #hash: Hash | undefined;
  #at = 0;
  #earlier = 0;

  private constructor(path: string, target: HubFile, file: Deno.FsFile) {
    this.path = path;
    this.#target = target;
    this.#file = file;
    this.#hash = newHash(target);
  }

  /** Opens a part, or begins one, and hashes what is there. */
  static async open(
    path: string,
    target: HubFile,
    onBytes: (doneBytes: number) => void,
  ): Promise<BlobPart> {
    await Deno.mkdir(dirname(path), { recursive: true });
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
    });
    const part = new BlobPart(path, target, file);
    try {
      await part.#takeUp(onBytes);
      return part;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Bytes that are there. */
  get at(): number {
    return this.#at;
  }

  /** Bytes of them that were there when the part was opened. */
  get earlier(): number {
    return this.#earlier;
  }

  /** Adds bytes; throws `file` where they are more than the file has. */
  async write(bytes: Uint8Array): Promise<void> {
    const { path, sizeBytes } = this.#target;
    if (this.#at + bytes.length > sizeBytes) {
      throw new RookeryError(
        "file",
        `Cannot pull ${path} as more bytes came than the ${sizeBytes} that ` +
          "the hub lists: try again, or check what lies between here and the hub",
        { path, expected: sizeBytes },
      );
    }
    for (let done = 0; done < bytes.length;) {
      done += await this.#file.write(bytes.subarray(done));
    }
    this.#hash?.update(bytes);
    this.#at += bytes.length;
  }

  /** Forgets what is there. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
    this.#hash = newHash(this.#target);
    this.#at = 0;
    this.#earlier = 0;
  }

  /**
   * Hash of what is there and the hash that it must have; both undefined where
   * the hub gives none. To be called once, when all is there.
   */
  hashes(): { readonly expected?: string; readonly actual?: string } {
    const expected = this.#target.sha256 ?? this.#target.gitSha1;
    const actual = this.#hash?.digest("hex");
    return expected === undefined || actual === undefined
      ? {}
      : { expected, actual };
  }

  /** Gives the whole file its name, once its bytes are really on the disk. */
  async finish(path: string): Promise<void> {
    await this.#file.sync();
    this[Symbol.dispose]();
    await Deno.rename(this.path, path);
    await syncFolder(dirname(path));
  }

  /** Removes what came. */
  async remove(): Promise<void> {
    this[Symbol.dispose]();
    await Deno.remove(this.path).catch(() => {});
  }

  /** Closes the file; what came stays. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  async #takeUp(onBytes: (doneBytes: number) => void): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > this.#target.sizeBytes) return await this.restart();
    const chunk = new Uint8Array(CHUNK_BYTES);
    while (this.#at < size) {
      const n = await this.#file.read(chunk);
      if (n === null) break;
      this.#hash?.update(chunk.subarray(0, n));
      this.#at += n;
      onBytes(this.#at);
    }
    this.#earlier = this.#at;
  }
}

/** Git hashes a file's kind and length before its content. */
function newHash({ sha256, gitSha1, sizeBytes }: HubFile): Hash | undefined {
  if (sha256 !== undefined) return createHash("sha256");
  if (gitSha1 === undefined) return undefined;
  return createHash("sha1").update(`blob ${sizeBytes}\0`);
}

/** Keeps the new name over a power cut, where folders can be synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch {
    // Not everywhere possible; then the name may be lost, never the content.
  }
}
