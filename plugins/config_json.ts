/**
 * Reads the values of a Hugging Face `config.json`, as transformers 4 and 5
 * write them. Says nothing of keys that nobody asks for, such as `dtype`.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import { asObject, type JsonObject } from "./json_file.ts";

/** What `ConfigJson.rotary` finds. */
export interface RotaryValues {
  /** Base of the frequencies. */
  readonly theta: number | undefined;
  /** Part of each head that turns, 0 to 1. */
  readonly fraction: number | undefined;
}

/**
 * Values of a `config.json` by key. Where several keys are given, the first
 * that has a value counts: they are names of the same thing. A value of `null`
 * is none. All methods throw `file` for a value of another kind.
 */
export class ConfigJson {
  /** Path of its folder, for messages. */
  readonly path: string;
  readonly #json: JsonObject;
  /** Keys of the objects around it, e.g. `attn_config.`. */
  readonly #prefix: string;

  /** Wraps an object of a file in `path`; checks nothing yet. */
  constructor(path: string, json: JsonObject, prefix: string = "") {
    this.path = path;
    this.#json = json;
    this.#prefix = prefix;
  }

  /** A number of any size. */
  number(...keys: string[]): number | undefined {
    return this.#read(keys, "a number", Number.isFinite) as number | undefined;
  }

  /** A whole number of at least 1. */
  integer(...keys: string[]): number | undefined {
    const isFit = (value: unknown) =>
      Number.isSafeInteger(value) && value as number >= 1;
    return this.#read(keys, "a whole number of at least 1", isFit) as
      | number
      | undefined;
  }

  /** `true` or `false`. */
  flag(...keys: string[]): boolean | undefined {
    const isFit = (value: unknown) => typeof value === "boolean";
    return this.#read(keys, "true or false", isFit) as boolean | undefined;
  }

  /** A text. */
  text(...keys: string[]): string | undefined {
    const isFit = (value: unknown) => typeof value === "string";
    return this.#read(keys, "a text", isFit) as string | undefined;
  }

  /** A list of numbers. */
  numbers(...keys: string[]): readonly number[] | undefined {
    const isFit = (value: unknown) =>
      Array.isArray(value) && value.every(Number.isFinite);
    return this.#read(keys, "a list of numbers", isFit) as
      | readonly number[]
      | undefined;
  }

  /** Whether it has no keys. */
  get isEmpty(): boolean {
    return Object.keys(this.#json).length === 0;
  }

  /** An object inside; one without values where there is none. */
  object(...keys: string[]): ConfigJson {
    const isFit = (value: unknown) => asObject(value) !== undefined;
    const found = this.#read(keys, "an object", isFit) as JsonObject;
    const key = this.#keyOf(keys) ?? keys[0]!;
    return new ConfigJson(this.path, found ?? {}, `${this.#prefix}${key}.`);
  }

  /**
   * Refuses all values of a key but these, where it has one.
   *
   * @throws {RookeryError} `config`, which names the key and its value
   */
  allow(key: string, ...allowed: (string | number | boolean)[]): void {
    const value = this.#json[key] ?? undefined;
    if (value === undefined || allowed.includes(value as string)) return;
    const rule = allowed.map((each) => quoted(each)).join(" or ");
    throw this.refusal(`its ${this.#prefix}${key} is ${quoted(value)}`, rule);
  }

  /** The error for a model that is there, but is not one that can be run. */
  refusal(reason: string, rule: string): RookeryError {
    return new RookeryError(
      "config",
      `Cannot run ${this.path} as ${reason}: only ${rule} can be run`,
      { path: this.path, expected: rule, actual: this.#json },
    );
  }

  /**
   * Rotary positions: `rope_parameters` of transformers 5, else the keys of 4
   * with their older names (`rope_theta`, `rotary_emb_base`;
   * `partial_rotary_factor`, `rotary_pct`).
   *
   * @throws {RookeryError} `config` for scaled ones
   */
  rotary(): RotaryValues {
    const inner = this.object("rope_parameters");
    for (const each of [inner, this.object("rope_scaling")]) {
      const kind = each.text("rope_type", "type") ?? "default";
      if (kind === "default") continue;
      throw this.refusal(
        `its rotary positions are scaled by ${quoted(kind)}`,
        "unscaled ones",
      );
    }
    const theta = ["rope_theta", "rotary_emb_base"];
    const fraction = ["partial_rotary_factor", "rotary_pct"];
    return {
      theta: inner.number(...theta) ?? this.number(...theta),
      fraction: inner.number(...fraction) ?? this.number(...fraction),
    };
  }

  #keyOf(keys: readonly string[]): string | undefined {
    return keys.find((key) => (this.#json[key] ?? undefined) !== undefined);
  }

  #read(
    keys: readonly string[],
    rule: string,
    isFit: (value: unknown) => boolean,
  ): unknown {
    const key = this.#keyOf(keys);
    if (key === undefined) return undefined;
    const value = this.#json[key];
    if (isFit(value)) return value;
    throw cannotRead(
      this.path,
      `${this.#prefix}${key} in its config.json is ${quoted(value)}: it must ` +
        `be ${rule}`,
      { expected: rule, actual: value },
    );
  }
}
