/**
 * Reads the metadata of GGUF files that tell a model's sizes.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import type { PartSource } from "./plugin.ts";

/**
 * Values of a GGUF file by key, below a prefix such as `llama.`. All methods
 * throw `file` for a value of another kind.
 */
export class GgufValues {
  /** Path of the file, for messages. */
  readonly path: string;
  readonly #metadata: PartSource["metadata"];
  readonly #prefix: string;

  /** Looks at a file's metadata below a prefix; checks nothing yet. */
  constructor(
    { path, metadata }: Pick<PartSource, "path" | "metadata">,
    prefix: string,
  ) {
    this.path = path;
    this.#metadata = metadata;
    this.#prefix = prefix;
  }

  /** A number; a list of equal ones, one a layer, is one. */
  number(key: string): number | undefined {
    const value = plain(this.#metadata[this.#prefix + key]);
    if (value === undefined || typeof value === "number") return value;
    throw this.#wrong(key, value, "a number");
  }

  /** `true` or `false`. */
  flag(key: string): boolean | undefined {
    const value = this.#metadata[this.#prefix + key];
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#wrong(key, value, "true or false");
  }

  /** A text. */
  text(key: string): string | undefined {
    const value = this.#metadata[this.#prefix + key];
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(key, value, "a text");
  }

  /**
   * Refuses all values of a key but these, where it has one.
   *
   * @throws {RookeryError} `config`, which names the key and its value
   */
  allow(key: string, ...allowed: (string | number | boolean)[]): void {
    const value = this.#metadata[this.#prefix + key];
    if (value === undefined || allowed.includes(value as string)) return;
    const rule = allowed.map((each) => quoted(each)).join(" or ");
    throw this.refusal(`its ${this.#prefix}${key} is ${quoted(value)}`, rule);
  }

  /** The error for a model that is there, but is not one that can be run. */
  refusal(reason: string, rule: string): RookeryError {
    return new RookeryError(
      "config",
      `Cannot run ${this.path} as ${reason}: only ${rule} can be run`,
      { path: this.path, expected: rule },
    );
  }

  #wrong(key: string, value: unknown, rule: string): RookeryError {
    return cannotRead(
      this.path,
      `its metadata ${this.#prefix}${key} is ${quoted(value)}: it must be ` +
        rule,
      { expected: rule, actual: value },
    );
  }
}

function plain(value: unknown): unknown {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return value;
  const values = new Set(value as unknown as Iterable<unknown>);
  return values.size === 1 ? [...values][0] : value;
}
