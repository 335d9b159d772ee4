/**
 * Tokenizers as tokenizer.json files describe them: text is cut at added
 * tokens, normalized, cut into pieces and given to a model.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { DecodeTextOptions, Tokenizer } from "../../models/slots.ts";
import { cannotRead } from "../cannot_read.ts";
import { asObject, type JsonObject } from "../json_file.ts";
import {
  type AddedToken,
  addedTokenOf,
  createSections,
} from "./added_tokens.ts";
import { createNormalizer } from "./normalizer.ts";
import { createPreTokenizer } from "./pre_tokenizer.ts";
import { createStreamDecoder } from "./stream_decoder.ts";
import { createTokenDecoder } from "./token_decoder.ts";
import { engineModel, type TokenModel } from "./token_model.ts";

/** What a tokenizer is made of. */
export interface TokenizerParts {
  /** Value of a tokenizer.json; its `model` is not read if one is given. */
  readonly json: JsonObject;
  /** Vocabulary and rules; by default those of the `model` in `json`. */
  readonly model?: TokenModel;
  /** Id that begins a text. */
  readonly bos?: number | undefined;
  /** Id that ends a text. */
  readonly eos?: number | undefined;
}

/**
 * Makes a tokenizer.
 *
 * @param path where the parts come from, for messages
 * @throws {RookeryError} `file` when a part is of a kind that is not known
 */
export function createTokenizer(
  path: string,
  parts: TokenizerParts,
): Tokenizer {
  try {
    return tokenizerOf(parts);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cannotRead(path, `its tokenizer cannot be built: ${reason}`, {
      cause,
    });
  }
}

function tokenizerOf(
  { json, model: given, bos, eos }: TokenizerParts,
): Tokenizer {
  const model = given ?? engineModel(modelOf(json));
  const added = addedOf(json);
  const sections = createSections(added, createNormalizer(json["normalizer"]));
  const cut = createPreTokenizer(json["pre_tokenizer"]);
  const tokens = [...model.tokens];
  for (const { id, content } of added) tokens[id] = content;
  const ids = new Map(added.map(({ id, content }) => [content, id]));
  const decode = decoderOf(json, tokens, added);
  return {
    vocabularySize: tokens.length,
    bos,
    eos,
    encode: (text, { special = false } = {}) =>
      sections(text, special).flatMap((section) =>
        "id" in section
          ? [section.id]
          : model.encode(cut(section.text, section.isFirst))
      ),
    decode,
    idOf: (token) => ids.get(token) ?? model.idOf(token),
    tokenOf: (id) => tokens[id],
    streamDecoder: (options = {}) =>
      createStreamDecoder((ids) => decode(ids, options)),
  };
}

function modelOf(json: JsonObject): JsonObject {
  const model = asObject(json["model"]);
  if (model !== undefined) return model;
  throw new Error("it has no model");
}

function addedOf(json: JsonObject): AddedToken[] {
  const list = json["added_tokens"] ?? [];
  if (Array.isArray(list)) return list.map(addedTokenOf);
  throw new Error("its added_tokens are no list");
}

function decoderOf(
  json: JsonObject,
  tokens: readonly (string | undefined)[],
  added: readonly AddedToken[],
): Tokenizer["decode"] {
  const parts = createTokenDecoder(json["decoder"]);
  const special = new Set(
    added.filter(({ isSpecial }) => isSpecial).map(({ id }) => id),
  );
  const suffix = asObject(json["model"])?.["end_of_word_suffix"];
  return (ids, { skipSpecial = false }: DecodeTextOptions = {}) => {
    const shown: string[] = [];
    for (const id of ids) {
      const token = tokens[id];
      if (token === undefined) throw unknownId(id, tokens.length);
      if (!skipSpecial || !special.has(id)) shown.push(token);
    }
    const text = parts(shown).join("");
    // As CLIP's: the ends of words are spaces, but for those around the text.
    return typeof suffix === "string" && suffix !== ""
      ? trimmed(text.replaceAll(suffix, " "))
      : text;
  };
}

/** Without what Python takes for whitespace around it. */
function trimmed(text: string): string {
  const isSpace = (char: string) =>
    /\p{White_Space}/u.test(char) || char >= "\x1c" && char <= "\x1f";
  let start = 0, end = text.length;
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function unknownId(id: number, size: number): RookeryError {
  return new RookeryError(
    "prompt",
    `Cannot decode token ${id}: the vocabulary has ids from 0 to ${size - 1}`,
    { expected: size, actual: id },
  );
}
