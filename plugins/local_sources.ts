/**
 * Files of parts for those who only want sizes: what lies on this machine,
 * headers alone; nothing is brought.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { WeightsEntry } from "./config.ts";
import type {
  OpenedSource,
  OpenedSources,
  SourceOpener,
} from "./opened_sources.ts";
import { type FetchOptions, findWeights } from "./weights_cache/mod.ts";

/** Options of `LocalSources`. */
export interface LocalSourcesOptions extends FetchOptions {
  /**
   * Which entries are looked at: plain paths, which are the caller's own
   * files, or what was brought by a package or from the hub as well.
   */
  readonly entries: "paths" | "all";
}

/** Opens the weights entries that are here. */
export class LocalSources implements SourceOpener {
  readonly #sources: OpenedSources;
  readonly #options: LocalSourcesOptions;

  /** Opens through `sources`, which closes the files too. */
  constructor(sources: OpenedSources, options: LocalSourcesOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  /** The files of an entry; undefined where they are not here. */
  async open(entry: WeightsEntry): Promise<OpenedSource | undefined> {
    const isPath = typeof entry === "string";
    if (!isPath && this.#options.entries === "paths") return undefined;
    if (!isPath && "hub" in entry) return await this.#pulled(entry);
    const path = await findWeights(entry, this.#options);
    return path === undefined ? undefined : await this.#sources.openPath(path);
  }

  /** What was pulled from the hub: the lookup itself brings nothing. */
  async #pulled(entry: WeightsEntry): Promise<OpenedSource | undefined> {
    try {
      return await this.#sources.open(entry);
    } catch (error) {
      if (error instanceof RookeryError) return undefined;
      throw error;
    }
  }
}
