/**
 * The files of one assembly: found or fetched, opened once each, closed
 * together.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { Checkpoint } from "../core/stored_tensor.ts";
import {
  type CheckpointReader,
  hasWeights,
  openWith,
} from "./checkpoint_reader.ts";
import { valuesOf } from "./computed_tensor.ts";
import type { WeightsEntry } from "./config.ts";
import { findPulled } from "./hub/use_cached.ts";
import { readJsonFile } from "./json_file.ts";
import type { PartSource } from "./plugin.ts";
import { type FetchOptions, fetchWeights } from "./weights_cache/mod.ts";

/** The largest tokenizer.json is some tens of megabytes. */
const MAX_JSON_BYTES = 256 << 20;

/** A part's files, opened. */
export interface OpenedSource extends PartSource {
  /** Its weights; undefined for a folder without any. */
  readonly checkpoint: Checkpoint | undefined;
}

/** What gives parts their files. */
export interface SourceOpener {
  /** The files of an entry; undefined where they are left alone. */
  open(entry: WeightsEntry): Promise<OpenedSource | undefined>;
}

/** Opens weights entries, each file once. */
export class OpenedSources implements SourceOpener, Disposable {
  readonly #readers: readonly CheckpointReader[];
  readonly #options: FetchOptions;
  readonly #opened = new Map<string, Promise<OpenedSource>>();
  readonly #held = new DisposableStack();

  /** Opens nothing yet. */
  constructor(readers: readonly CheckpointReader[], options: FetchOptions) {
    this.#readers = readers;
    this.#options = options;
  }

  /** The files of an entry; fetches what is not there. */
  async open(entry: WeightsEntry): Promise<OpenedSource> {
    // What the hub has is large: it is brought by command, never by itself.
    const path = typeof entry === "object" && "hub" in entry
      ? await findPulled(entry)
      : await fetchWeights(entry, this.#options);
    return await this.openPath(path);
  }

  /** The files of a path that is there. */
  async openPath(path: string): Promise<OpenedSource> {
    const known = this.#opened.get(path) ?? this.#open(path);
    this.#opened.set(path, known);
    return await known;
  }

  /** Closes all files. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }

  async #open(path: string): Promise<OpenedSource> {
    const { isDirectory } = await Deno.stat(path);
    const folder = isDirectory ? path : dirname(path);
    const isEmpty = isDirectory && !await hasWeights(this.#readers, path);
    const checkpoint = isEmpty
      ? undefined
      : this.#held.use(await openWith(this.#readers, path));
    const tensors = [...checkpoint?.tensors ?? []];
    return {
      path,
      folder,
      checkpoint,
      metadata: checkpoint?.metadata ?? {},
      shapes: new Map(tensors.map(([name, { shape }]) => [name, shape])),
      json: async (name) => {
        const file = join(folder, name);
        const info = await Deno.stat(file).catch(() => undefined);
        return info === undefined
          ? undefined
          : await readJsonFile(file, MAX_JSON_BYTES);
      },
      values: async (name) => {
        const tensor = checkpoint?.tensors.get(name);
        return tensor === undefined ? undefined : await valuesOf(tensor);
      },
    };
  }
}
