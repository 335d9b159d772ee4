/**
 * The parts of one assembly, by slot and name. A value, not a global.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { CheckpointReader } from "./checkpoint_reader.ts";
import type { JsonObject } from "./json_file.ts";
import { didYouMean } from "./nearest_name.ts";
import {
  type AnyPart,
  type BridgeFormat,
  CONTRACT,
  type FolderModel,
  type Part,
  type Plugin,
  type SlotName,
} from "./plugin.ts";
import { Misfits } from "./misfits.ts";

/** Parts by slot and name. */
export class Catalog {
  readonly #plugins: readonly Plugin[];
  readonly #parts = new Map<string, { part: AnyPart; plugin: Plugin }>();

  /**
   * Collects the parts of some plugins.
   *
   * @throws {RookeryError} `config` for a plugin of another contract, or two
   * parts of one name
   */
  constructor(plugins: readonly Plugin[]) {
    this.#plugins = plugins;
    for (const plugin of plugins) {
      if (plugin.contract !== CONTRACT) throw otherContract(plugin);
      for (const part of plugin.parts) this.#add(part, plugin);
    }
  }

  /** Names of a slot's parts. */
  names(slot: SlotName): string[] {
    return this.#of(slot).map(({ name }) => name);
  }

  /**
   * The part of a slot by name.
   *
   * @throws {RookeryError} `config`, with the nearest name
   */
  part<S extends SlotName>(slot: S, name: string): Part<S> {
    const found = this.#parts.get(keyOf(slot, name));
    if (found !== undefined) return found.part as Part<S>;
    const names = this.names(slot);
    throw new RookeryError(
      "config",
      `Cannot find part "${name}" for the slot ${slot}` +
        `${didYouMean(name, names)}: the plugins bring ${names.join(", ")}`,
      { path: `${slot}.part`, expected: names, actual: name },
    );
  }

  /**
   * The format of a bridge by name.
   *
   * @throws {RookeryError} `config`, with the nearest name
   */
  bridge(name: string): BridgeFormat {
    const formats = this.#plugins.flatMap(({ bridges }) => bridges ?? []);
    const found = formats.find((format) => format.name === name);
    if (found !== undefined) return found;
    const names = formats.map((format) => format.name);
    throw new RookeryError(
      "config",
      `Cannot find bridge format "${name}"${didYouMean(name, names)}: the ` +
        `plugins bring ${names.join(", ")}`,
      { path: "bridge.format", expected: names, actual: name },
    );
  }

  /** What knows folders with such a `config.json` as whole models, if any. */
  folderModel(json: JsonObject): FolderModel | undefined {
    const modelType = json["model_type"];
    const models = this.#plugins.flatMap(({ models }) => models ?? []);
    return typeof modelType === "string" && modelType !== ""
      ? models.find(({ modelTypes }) => modelTypes.includes(modelType))
      : models.find((model) => model.recognises?.(json));
  }

  /** The part of the language slot that reads an architecture. */
  languagePart(modelType: string): Part<"language"> {
    const parts = this.#of("language");
    const found = parts.find((part) => part.modelTypes?.includes(modelType));
    if (found !== undefined) return found as Part<"language">;
    const folders = this.#plugins.flatMap(({ models }) => models ?? []);
    const known = [...parts, ...folders]
      .flatMap(({ modelTypes }) => modelTypes ?? []);
    throw new RookeryError(
      "config",
      `Cannot find a part for the architecture "${modelType}"` +
        `${didYouMean(modelType, known)}: the plugins bring ` +
        known.join(", "),
      { path: "language.part", expected: known, actual: modelType },
    );
  }

  /** All readers, in the order of the plugins. */
  async readers(): Promise<CheckpointReader[]> {
    const parts = this.#of("reader") as Part<"reader">[];
    return await Promise.all(parts.map((part) => {
      const misfits = new Misfits();
      const config = part.schema.check({}, part.name, misfits);
      misfits.throwIfAny("config", `use the reader ${part.name}`);
      return part.build(config, {
        source: undefined,
        neighbours: {},
        overrides: new Map(),
      });
    }));
  }

  #of(slot: SlotName): AnyPart[] {
    return [...this.#parts.values()].map(({ part }) => part)
      .filter((part) => part.slot === slot);
  }

  #add(part: AnyPart, plugin: Plugin): void {
    const key = keyOf(part.slot, part.name);
    const other = this.#parts.get(key)?.plugin;
    if (other === undefined) {
      this.#parts.set(key, { part, plugin });
      return;
    }
    throw new RookeryError(
      "config",
      `Cannot use plugins ${other.name} and ${plugin.name} together as both ` +
        `bring ${part.slot} part "${part.name}": leave one of them out`,
      { path: part.name },
    );
  }
}

function keyOf(slot: SlotName, name: string): string {
  return `${slot} ${name}`;
}

function otherContract({ name, version, contract }: Plugin): RookeryError {
  return new RookeryError(
    "config",
    `Cannot use plugin ${name} ${version} as it was written for contract ` +
      `${contract}: this library has contract ${CONTRACT}, so use a version ` +
      "of the plugin for it",
    { path: name, expected: CONTRACT, actual: contract },
  );
}
