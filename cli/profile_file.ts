/**
 * `--profile FILE`: a Chrome trace of what a command did, and its table.
 *
 * @module
 */

import {
  chromeTrace,
  type Device,
  measurePeaks,
  type Profiler,
  profileTable,
  RookeryError,
} from "../mod.ts";
import type { Output, ProfileTarget } from "./command.ts";
import { writeTextFile } from "./write_text_file.ts";

/** A trace file that a command's device fills. */
export class ProfileFile implements ProfileTarget {
  readonly #path: string;
  #profiler: Profiler | undefined;
  #isNew = false;

  /** Throws a `usage` error for a name that viewers would not open. */
  constructor(path: string) {
    if (!/.\.json$/i.test(path)) {
      throw new RookeryError(
        "usage",
        `Cannot write a profile to ${path} as it is a Chrome trace: give a ` +
          "name that ends in .json; the table goes to stderr",
        { path, expected: "*.json", actual: path },
      );
    }
    this.#path = path;
  }

  /** Makes sure that it can be written; throws a `file` error. */
  async open(): Promise<void> {
    try {
      this.#isNew = !await exists(this.#path);
      using _ = await Deno.open(this.#path, { write: true, create: true });
    } catch (cause) {
      throw new RookeryError(
        "file",
        `Cannot write the profile ${this.#path}: ` +
          (cause instanceof Error ? cause.message : String(cause)),
        { path: this.#path, cause },
      );
    }
  }

  /** Profiles an opened device from here on, after measuring its peaks. */
  async watch(device: Device): Promise<void> {
    this.#profiler = device.profiler;
    await measurePeaks(device);
  }

  /** Writes the trace; the table goes to the notes. */
  async finish(output: Output): Promise<void> {
    if (this.#profiler === undefined) return await this.abandon();
    const profile = await this.#profiler.finish();
    const trace = JSON.stringify(chromeTrace(profile));
    await writeTextFile(this.#path, `${trace}\n`);
    output.note(`\n${profileTable(profile)}trace: ${this.#path}\n`);
  }

  /** Leaves no empty file behind. */
  async abandon(): Promise<void> {
    if (this.#isNew) await Deno.remove(this.#path);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
