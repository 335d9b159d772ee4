/**
 * Notes which JSON files parts read when they are built, so that a copy of the
 * model can hold them.
 *
 * @module
 */

import type { WeightsEntry } from "../config.ts";
import type { JsonObject } from "../json_file.ts";
import type { OpenedSource, SourceOpener } from "../opened_sources.ts";

/** Opens through another opener. */
export class RecordedSources implements SourceOpener {
  readonly #sources: SourceOpener;
  readonly #read = new Map<string, Map<string, JsonObject>>();
  readonly #paths = new Set<string>();

  /** Opens through `sources`. */
  constructor(sources: SourceOpener) {
    this.#sources = sources;
  }

  /** The files of an entry. */
  async open(entry: WeightsEntry): Promise<OpenedSource | undefined> {
    const source = await this.#sources.open(entry);
    if (source === undefined) return undefined;
    this.#paths.add(source.path);
    return {
      ...source,
      json: async (name) => {
        const found = await source.json(name);
        if (found !== undefined) this.#noteOf(source).set(name, found);
        return found;
      },
    };
  }

  /** All paths that were opened. */
  get paths(): readonly string[] {
    return [...this.#paths];
  }

  /** JSON files that were read beside a source, by name. */
  readBeside(source: OpenedSource): ReadonlyMap<string, JsonObject> {
    return this.#noteOf(source);
  }

  #noteOf({ folder }: OpenedSource): Map<string, JsonObject> {
    const known = this.#read.get(folder) ?? new Map<string, JsonObject>();
    this.#read.set(folder, known);
    return known;
  }
}
