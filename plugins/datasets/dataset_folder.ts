/**
 * A folder with a dataset as it is downloaded, and which files were read.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { asObject, type JsonObject } from "../json_file.ts";

/** Reads annotations; pictures are only named. */
export class DatasetFolder {
  /** The folder. */
  readonly path: string;
  readonly #files: string[] = [];

  /** A folder, which need not be there yet. */
  constructor(path: string) {
    this.path = path;
  }

  /** Files that were read, in order. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** The first of some files that is there. */
  async find(names: readonly string[]): Promise<string> {
    for (const name of names) {
      const path = join(this.path, name);
      const info = await Deno.stat(path).catch(() => undefined);
      if (info !== undefined) return path;
    }
    throw new RookeryError(
      "file",
      `Cannot find ${names.join(" or ")} in ${this.path}: put the published ` +
        "file there under that name",
      { path: this.path, expected: names },
    );
  }

  /** A JSON file: what its key holds, or all of it, as a list of objects. */
  async list(names: readonly string[], key?: string): Promise<Entry[]> {
    const path = await this.find(names);
    this.#files.push(path);
    const whole = parsed(await Deno.readTextFile(path), path);
    const list = key === undefined ? whole : asObject(whole)?.[key];
    if (!Array.isArray(list)) {
      throw bad(
        path,
        key === undefined ? "it is no list" : `"${key}" is no list`,
      );
    }
    const within = key === undefined ? path : `${path}: ${key}`;
    return list.map((value, i) => entryOf(value, `${within}[${i}]`));
  }

  /** A file of JSON lines. */
  async lines(names: readonly string[]): Promise<Entry[]> {
    const path = await this.find(names);
    this.#files.push(path);
    const lines = (await Deno.readTextFile(path)).split("\n");
    return lines.flatMap((line, i) => {
      const place = `${path}:${i + 1}`;
      return line.trim() === "" ? [] : [entryOf(parsed(line, place), place)];
    });
  }

  /** Lines of a text file. */
  async text(names: readonly string[]): Promise<string[]> {
    const path = await this.find(names);
    this.#files.push(path);
    const lines = (await Deno.readTextFile(path)).split("\n");
    return lines.map((line) => line.trim()).filter((line) => line !== "");
  }
}

/** An object of a file, whose values are asked for by kind. */
export class Entry {
  /** Where it stands. */
  readonly place: string;
  readonly #value: JsonObject;

  /** An object and its place, for errors. */
  constructor(value: JsonObject, place: string) {
    this.#value = value;
    this.place = place;
  }

  /** Whether there is such a key. */
  has(key: string): boolean {
    return this.#value[key] !== undefined;
  }

  /** A text, or a number as text. */
  text(key: string): string {
    const value = this.#value[key];
    if (typeof value === "number") return String(value);
    if (typeof value === "string" && value !== "") return value;
    throw bad(this.place, `"${key}" is no text`);
  }

  /** A list of texts, or of objects that hold one each under `inner`. */
  texts(key: string, inner?: string): string[] {
    const list = this.#value[key];
    if (!Array.isArray(list) || list.length === 0) {
      throw bad(this.place, `"${key}" is no list with something in it`);
    }
    return list.map((item, i) => {
      const value = inner === undefined ? item : asObject(item)?.[inner];
      if (typeof value === "string") return value;
      const name = inner === undefined ? "" : `.${inner}`;
      throw bad(this.place, `${key}[${i}]${name} is no text`);
    });
  }
}

/** An error that says where a dataset is wrong. */
export function bad(place: string, reason: string): RookeryError {
  return new RookeryError(
    "file",
    `Cannot use ${place} as ${reason}: compare it with the published file`,
    { path: place },
  );
}

function entryOf(value: unknown, place: string): Entry {
  const object = asObject(value);
  if (object === undefined) throw bad(place, "it is no JSON object");
  return new Entry(object, place);
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw bad(place, `its JSON is not valid (${reason})`);
  }
}
