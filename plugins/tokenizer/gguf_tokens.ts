/**
 * Reads what GGUF files say of tokens.
 *
 * @module
 */

import { cannotRead, quoted } from "../cannot_read.ts";

/** A file's path, for messages, and its metadata as `openGguf` gives them. */
export interface GgufMetadata {
  /** Path of the file. */
  readonly path: string;
  /** Values by key. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * A list of texts.
 *
 * @throws {RookeryError} `file` without one
 */
export function textsOf(
  { path, metadata }: GgufMetadata,
  key: string,
): readonly string[] {
  const value = metadata[key];
  const isText = Array.isArray(value) &&
    value.every((item) => typeof item === "string");
  if (isText) return value;
  throw cannotRead(path, `its metadata have no list of strings ${key}`);
}

/**
 * Texts of all tokens by id.
 *
 * @throws {RookeryError} `file` without any, or when one is there twice
 */
export function tokensOf(file: GgufMetadata): readonly string[] {
  const tokens = textsOf(file, "tokenizer.ggml.tokens");
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size === tokens.length) return tokens;
  const twice = tokens.find((token, id) => ids.get(token) !== id);
  throw cannotRead(file.path, `its vocabulary has ${quoted(twice)} twice`);
}

/**
 * Kinds of all tokens by id; empty where the file says nothing.
 *
 * @throws {RookeryError} `file` for values of the wrong kind
 */
export function tokenKinds(
  { path, metadata }: GgufMetadata,
): ArrayLike<number> {
  const kinds = metadata["tokenizer.ggml.token_type"] ?? [];
  if (Array.isArray(kinds) || kinds instanceof Int32Array) return kinds;
  throw cannotRead(path, "its tokenizer.ggml.token_type is no list of i32");
}

/**
 * The id of a token with a role, e.g. `bos_token_id`.
 *
 * @throws {RookeryError} `file` for one that the vocabulary does not have
 */
export function idAt(
  { path, metadata }: GgufMetadata,
  key: string,
  tokens: readonly string[],
): number | undefined {
  const id = metadata[`tokenizer.ggml.${key}`];
  if (id === undefined) return undefined;
  if (typeof id === "number" && tokens[id] !== undefined) return id;
  throw cannotRead(
    path,
    `its tokenizer.ggml.${key} is ${quoted(id)}: the vocabulary has ` +
      `${tokens.length} tokens`,
    { expected: tokens.length, actual: id },
  );
}
