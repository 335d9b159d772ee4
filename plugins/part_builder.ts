/**
 * From sections of a config to built parts: found by name, options checked,
 * files opened. What fails is reported, and the other parts go on.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { Catalog } from "./catalog.ts";
import type { LanguageSection, WeightsEntry } from "./config.ts";
import type { Misfits } from "./misfits.ts";
import type { OpenedSource, SourceOpener } from "./opened_sources.ts";
import type {
  Neighbours,
  Part,
  PartContext,
  SlotName,
  SlotValues,
} from "./plugin.ts";

/** A part with what it was built from. */
export interface BuiltPart<S extends SlotName> {
  /** The part. */
  readonly part: Part<S>;
  /** Its checked options. */
  readonly config: unknown;
  /** Its files; undefined where its section names none. */
  readonly source: OpenedSource | undefined;
  /** What it was told when it was built. */
  readonly context: PartContext;
  /** What fills the slot. */
  readonly value: SlotValues[S];
}

/** What a part is built from. */
export interface PartRequest<S extends SlotName> {
  /** The slot, which is also its key in the config. */
  readonly slot: S;
  /** Its part. */
  readonly part: Part<S> | undefined;
  /** Its own keys of the section. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Its files. */
  readonly entry?: WeightsEntry | undefined;
  /** Its neighbours; undefined when one of them could not be built. */
  readonly neighbours: Neighbours | undefined;
  /** See `PartContext.overrides`; none by default. */
  readonly overrides?: PartContext["overrides"] | undefined;
}

/** Builds parts one by one. */
export class PartBuilder {
  readonly #catalog: Catalog;
  readonly #sources: SourceOpener;
  readonly #misfits: Misfits;

  /** Reports to `misfits`. */
  constructor(catalog: Catalog, sources: SourceOpener, misfits: Misfits) {
    this.#catalog = catalog;
    this.#sources = sources;
    this.#misfits = misfits;
  }

  /** The part of a slot by name; undefined after reporting. */
  find<S extends SlotName>(
    slot: S,
    name: string,
  ): Promise<Part<S> | undefined> {
    return this.#misfits.attempt(
      `${slot}.part`,
      () => this.#catalog.part(slot, name),
    );
  }

  /** The language model's part, by name or by its weights' architecture. */
  async findLanguage(
    { part, weights }: LanguageSection,
  ): Promise<Part<"language"> | undefined> {
    if (part !== undefined) return await this.find("language", part);
    if (weights === undefined) {
      this.#misfits.add("language.part", "it is missing: name a part");
      return undefined;
    }
    return await this.#misfits.attempt("language", async () => {
      const source = await this.#sources.open(weights);
      if (source === undefined) throw unopened(weights);
      return this.#catalog.languagePart(await architectureOf(source));
    });
  }

  /** Whether an entry's files are left alone as they are not here. */
  async isAbsent(entry: WeightsEntry): Promise<boolean> {
    try {
      return await this.#sources.open(entry) === undefined;
    } catch {
      // Whoever uses the files reports what is wrong with them.
      return false;
    }
  }

  /** Builds a part; undefined after reporting. */
  async build<S extends SlotName>(
    { slot, part, options, entry, neighbours, overrides }: PartRequest<S>,
  ): Promise<BuiltPart<S> | undefined> {
    if (part === undefined) return undefined;
    const before = this.#misfits.count;
    const config = part.schema.check(options, slot, this.#misfits);
    const isChecked = this.#misfits.count === before;
    if (!isChecked || neighbours === undefined) return undefined;
    return await this.#misfits.attempt(slot, async () => {
      const source = entry === undefined
        ? undefined
        : await this.#sources.open(entry);
      const context = { source, neighbours, overrides: overrides ?? new Map() };
      const value = await part.build(config, context);
      return { part, config, source, context, value };
    });
  }
}

function unopened(weights: WeightsEntry): RookeryError {
  const path = typeof weights === "string" ? weights : JSON.stringify(weights);
  return new RookeryError(
    "config",
    `Cannot tell the architecture of ${path} as it is not on this machine: ` +
      "name language.part, and its sizes beside it",
    { path },
  );
}

/** What GGUF metadata or a `config.json` call a model. */
async function architectureOf(source: OpenedSource): Promise<string> {
  const json = await source.json("config.json");
  const found = source.metadata["general.architecture"] ?? json?.["model_type"];
  if (typeof found === "string") return found;
  throw new RookeryError(
    "config",
    `Cannot tell the architecture of ${source.path} as it has neither a ` +
      "general.architecture nor a config.json with model_type beside it: " +
      "write a config that names language.part",
    { path: source.path },
  );
}
