/**
 * What the files beside a vocabulary say of special tokens: which there are,
 * and which begin and end a text.
 *
 * @module
 */

import { join } from "node:path";
import { cannotRead, quoted } from "../cannot_read.ts";
import { asObject, type JsonObject, readJsonFile } from "../json_file.ts";

/** The largest known tokenizer.json has about 35 MB. */
export const MAX_JSON_BYTES = 256 << 20;

/** Keys of the tokens with a role. */
const ROLES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

/** Ids of a vocabulary. */
export type IdOf = (token: string) => number | undefined;

/** `tokenizer_config.json` and its older relatives, as far as they are there. */
export class FolderTokens {
  /** `tokenizer_config.json`; empty without one. */
  readonly config: JsonObject;
  readonly #folder: string;
  /** `special_tokens_map.json`. */
  readonly #map: JsonObject;
  /** `added_tokens.json`: ids by content. */
  readonly #added: JsonObject;

  private constructor(folder: string, files: readonly JsonObject[]) {
    this.#folder = folder;
    [this.config, this.#map, this.#added] = files as [
      JsonObject,
      JsonObject,
      JsonObject,
    ];
  }

  /**
   * Reads the files.
   *
   * @throws {RookeryError} `file` for one that is malformed
   */
  static async read(folder: string): Promise<FolderTokens> {
    const names = [
      "tokenizer_config.json",
      "special_tokens_map.json",
      "added_tokens.json",
    ];
    const files = names.map((name) => jsonIfThere(join(folder, name)));
    return new FolderTokens(folder, await Promise.all(files));
  }

  /**
   * Tokens beside `known` ones, as a tokenizer.json would have them.
   *
   * @throws {RookeryError} `file` for ids that are none
   */
  addedTo(known: readonly JsonObject[], idOf: IdOf): JsonObject[] {
    const special = new Map(
      this.#special().map((node) => [
        node["content"],
        node,
      ]),
    );
    const listed = Object.entries(
      asObject(this.config["added_tokens_decoder"]) ?? {},
    )
      .map(([id, node]) => ({ ...asObject(node), id: Number(id) }));
    const added = Object.entries(this.#added).map(([content, id]) => ({
      ...special.get(content),
      content,
      id,
    }));
    const inVocabulary = [...special.values()].flatMap((node) => {
      const id = idOf(String(node["content"]));
      return id === undefined ? [] : [{ ...node, id }];
    });
    // What is no object here is refused where the tokens are read.
    const taken = new Set(known.map((node) => asObject(node)?.["content"]));
    return [...listed, ...added, ...inVocabulary].filter((node: JsonObject) => {
      const { content } = node;
      const isNew = !taken.has(content);
      taken.add(content);
      return isNew;
    });
  }

  /**
   * Id of the token with a role, e.g. `bos`.
   *
   * @param usual what it is called where the files say nothing
   * @throws {RookeryError} `file` for a name that the vocabulary does not have
   */
  idFor(role: string, idOf: IdOf, usual?: string): number | undefined {
    const token = this.config[`${role}_token`] ?? this.#map[`${role}_token`];
    const name = contentOf(token);
    if (name === undefined) {
      return usual === undefined ? undefined : idOf(usual);
    }
    const id = idOf(name);
    if (id !== undefined) return id;
    throw cannotRead(
      this.#folder,
      `its config names the token ${quoted(name)}, which the vocabulary does ` +
        "not have",
      { actual: name },
    );
  }

  /** Tokens with a role, or named as special without one. */
  #special(): JsonObject[] {
    const files = [this.config, this.#map];
    const more = files.flatMap((file) => {
      const list = file["additional_special_tokens"];
      return Array.isArray(list) ? list : [];
    });
    const roles = files.flatMap((file) =>
      ROLES.map((role) => file[`${role}_token`])
    );
    return [...roles, ...more].flatMap((token) => {
      const content = contentOf(token);
      return content === undefined
        ? []
        : [{ ...asObject(token), content, special: true }];
    });
  }
}

/** Spelling of a token that a config gives as a text or as `{ content }`. */
function contentOf(token: unknown): string | undefined {
  const content = asObject(token)?.["content"] ?? token;
  return typeof content === "string" ? content : undefined;
}

async function jsonIfThere(path: string): Promise<JsonObject> {
  return await isFile(path) ? await readJsonFile(path, MAX_JSON_BYTES) : {};
}

/** Whether there is such a file. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
