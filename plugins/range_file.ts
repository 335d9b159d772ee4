/**
 * A file that is opened once and read by byte ranges, never as a whole.
 *
 * @module
 */
import { RookeryError } from "../core/errors.ts";
import type { ByteSource } from "./byte_source.ts";
import { cannotRead } from "./cannot_read.ts";

/**
 * An open file. Reads seek and read in one synchronous step, so that callers
 * who read at the same time cannot move each other's position.
 */
export class RangeFile implements ByteSource, Disposable {
  /** Path it was opened from. */
  readonly path: string;
  /** Size when it was opened. */
  readonly sizeBytes: number;
  #file: Deno.FsFile | undefined;

  private constructor(path: string, sizeBytes: number, file: Deno.FsFile) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#file = file;
  }

  /**
   * Opens a regular file for reading.
   *
   * @throws {RookeryError} `file` when it is missing, a folder, or unreadable
   */
  static async open(path: string): Promise<RangeFile> {
    try {
      // Asked before opening: opening a named pipe would wait for a writer.
      const { isFile, size } = await Deno.stat(path);
      if (!isFile) throw cannotRead(path, "it is not a regular file");
      return new RangeFile(path, size, await Deno.open(path));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) {
        throw cannotRead(path, "there is no such file", { cause });
      }
      if (cause instanceof Deno.errors.PermissionDenied) {
        throw cannotRead(path, "the system denies access to it", { cause });
      }
      if (cause instanceof RookeryError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw cannotRead(path, `it cannot be opened: ${reason}`, { cause });
    }
  }

  /**
   * Reads bytes `[start, end)` into a new array.
   *
   * @throws {RookeryError} `file` when the range leaves the file, the file
   * became shorter since it was opened, or it was closed
   */
  read(start: number, end: number): Uint8Array<ArrayBuffer> {
    this.#checkRange(start, end);
    const file = this.#file;
    if (file === undefined) {
      throw cannotRead(this.path, "it was closed: read before disposing it");
    }
    const bytes = new Uint8Array(end - start);
    file.seekSync(start, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = file.readSync(bytes.subarray(filled));
      if (count === null) {
        throw cannotRead(
          this.path,
          `it became shorter while open: ${bytes.length - filled} bytes ` +
            `before byte ${end} are gone`,
        );
      }
      filled += count;
    }
    return bytes;
  }

  /** Closes the file; closing twice does nothing. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #checkRange(start: number, end: number): void {
    const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) &&
      start >= 0 && start <= end;
    if (!isRange) {
      throw cannotRead(this.path, `bytes ${start} to ${end} are not a range`);
    }
    if (end > this.sizeBytes) {
      throw cannotRead(
        this.path,
        `it is cut short: ${end} bytes are needed, ${this.sizeBytes} are ` +
          `there, ${end - this.sizeBytes} are missing. Fetch it again`,
        { expected: end, actual: this.sizeBytes },
      );
    }
  }
}
