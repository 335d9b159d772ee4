/**
 * Tokenizers from Hugging Face folders.
 *
 * @module
 */

import { join } from "node:path";
import type { Tokenizer } from "../../models/slots.ts";
import { cannotRead } from "../cannot_read.ts";
import { asObject, type JsonObject, readJsonFile } from "../json_file.ts";
import {
  FolderTokens,
  type IdOf,
  isFile,
  MAX_JSON_BYTES,
} from "./folder_tokens.ts";
import { readSentencePiece } from "./sentencepiece_file.ts";
import { PIECE } from "./spm_model.ts";
import { spmTokenizer } from "./spm_tokenizer.ts";
import { createTokenizer } from "./text_tokenizer.ts";
import { readVocabFiles } from "./vocab_files.ts";

/**
 * Tokenizer of a folder with a `tokenizer.json`, else with `vocab.json` and
 * `merges.txt`, else with a sentencepiece `tokenizer.model`. Which tokens are
 * special, and which begin and end a text, is read from
 * `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`,
 * where these are there.
 *
 * @throws {RookeryError} `file` when there is none of them, or a file is
 * malformed or of an unknown kind
 */
export async function tokenizerFromFolder(folder: string): Promise<Tokenizer> {
  const tokens = await FolderTokens.read(folder);
  const json = join(folder, "tokenizer.json");
  if (await isFile(json)) return await fromJson(json, tokens);
  if (await isFile(join(folder, "vocab.json"))) {
    return await fromVocabFiles(folder, tokens);
  }
  const model = join(folder, "tokenizer.model");
  if (await isFile(model)) return await fromSentencePiece(model, tokens);
  throw cannotRead(
    folder,
    "it has no tokenizer: neither tokenizer.json, nor vocab.json with " +
      "merges.txt, nor tokenizer.model. Name a folder or a GGUF file with one " +
      "as tokenizer.from in the config",
  );
}

async function fromJson(
  path: string,
  tokens: FolderTokens,
): Promise<Tokenizer> {
  const json = await readJsonFile(path, MAX_JSON_BYTES);
  return withTokens(path, json, tokens);
}

async function fromVocabFiles(
  folder: string,
  tokens: FolderTokens,
): Promise<Tokenizer> {
  const hasPrefix = tokens.config["add_prefix_space"] === true;
  const { json, usual } = await readVocabFiles(folder, hasPrefix);
  return withTokens(join(folder, "vocab.json"), json, tokens, usual);
}

/** A tokenizer with the added tokens and ends that other files tell of. */
function withTokens(
  path: string,
  json: JsonObject,
  tokens: FolderTokens,
  usual: { readonly bos?: string; readonly eos?: string } = {},
): Tokenizer {
  const vocab = asObject(asObject(json["model"])?.["vocab"]) ?? {};
  const own = json["added_tokens"] ?? [];
  const known = Array.isArray(own) ? own : [];
  const idOf: IdOf = (token) =>
    Object.hasOwn(vocab, token) ? vocab[token] as number : undefined;
  const added = [...known, ...tokens.addedTo(known, idOf)];
  const made = createTokenizer(path, {
    json: { ...json, added_tokens: added },
  });
  return {
    ...made,
    bos: tokens.idFor("bos", made.idOf, usual.bos),
    eos: tokens.idFor("eos", made.idOf, usual.eos),
  };
}

async function fromSentencePiece(
  path: string,
  tokens: FolderTokens,
): Promise<Tokenizer> {
  const { pieces, hasPrefix } = await readSentencePiece(path);
  const ids = new Map(pieces.map(({ text }, id) => [text, id]));
  const cut = pieces.filter(({ kind }) => kind !== PIECE.normal)
    .map(({ text }) => ({ content: text }));
  const made = spmTokenizer(path, {
    pieces,
    // As transformers: the older way is the usual one.
    prefix: !hasPrefix
      ? "never"
      : tokens.config["legacy"] === false
      ? "first"
      : "always",
    added: tokens.addedTo(cut, (token) => ids.get(token)),
  });
  return {
    ...made,
    bos: tokens.idFor("bos", made.idOf, "<s>"),
    eos: tokens.idFor("eos", made.idOf, "</s>"),
  };
}
