/**
 * The tokenizer of a folder as the metadata of a GGUF file.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import type { Tokenizer } from "../../models/slots.ts";
import { asObject, type JsonObject, readJsonFile } from "../json_file.ts";
import {
  ggufBool,
  ggufF32s,
  ggufI32s,
  ggufText,
  ggufTexts,
  ggufU32,
  type GgufValue,
} from "../gguf_value.ts";
import { FolderTokens, isFile, MAX_JSON_BYTES } from "./folder_tokens.ts";
import { tokenizerFromFolder } from "./from_folder.ts";
import { tokenizerFromGguf } from "./from_gguf.ts";
import {
  byteLevelVocabulary,
  type GgufVocabulary,
  scoredVocabulary,
} from "./gguf_vocabulary.ts";
import { readSentencePiece } from "./sentencepiece_file.ts";
import { PIECE } from "./spm_model.ts";
import { readVocabFiles } from "./vocab_files.ts";

/** Texts that both forms must cut alike: words, digits, scripts, spaces. */
const PROBES = [
  "Hello world",
  "A cat's 12345 dogs!\n\n  They'LL run.\t",
  "naïve façade, ÄÖÜ ß",
  "日本語と한국어 😀",
  "def f(x):\n    return x ** 2  # done",
];

/**
 * Metadata below `tokenizer.`; undefined where the folder has no tokenizer.
 *
 * @param rows tokens of the model; ids without a token are marked as unused
 * @throws {RookeryError} `config` for a tokenizer that the format has no place
 * for, after trying it on some texts; `file` for one that cannot be read
 */
export async function ggufTokenizer(
  folder: string,
  rows: number,
): Promise<ReadonlyMap<string, GgufValue> | undefined> {
  const files = ["tokenizer.json", "vocab.json", "tokenizer.model"];
  const found = await Promise.all(
    files.map((name) => isFile(join(folder, name))),
  );
  if (!found.includes(true)) return undefined;
  const original = await tokenizerFromFolder(folder);
  const vocabulary = filled(
    await vocabularyOf(
      folder,
      files[
        found.indexOf(true)
      ]!,
    ),
    original,
  );
  checkRows(folder, vocabulary, rows);
  const whole = padded(vocabulary, rows);
  checkAlike(folder, original, whole);
  const { config } = await FolderTokens.read(folder);
  return encoded(whole, original, config);
}

async function vocabularyOf(
  folder: string,
  file: string,
): Promise<GgufVocabulary> {
  if (file === "tokenizer.model") {
    const { pieces, hasPrefix } = await readSentencePiece(join(folder, file));
    return {
      model: "llama",
      tokens: pieces.map(({ text }) => text),
      kinds: pieces.map(({ kind }) => kind),
      scores: pieces.map(({ score }) => score),
      hasPrefix,
    };
  }
  const { config } = await FolderTokens.read(folder);
  const hasPrefix = config["add_prefix_space"] === true;
  const json = file === "tokenizer.json"
    ? await readJsonFile(join(folder, file), MAX_JSON_BYTES)
    : (await readVocabFiles(folder, hasPrefix)).json;
  const made = asObject(json["model"])?.["byte_fallback"] === true
    ? scoredVocabulary(json)
    : byteLevelVocabulary(json);
  if (typeof made !== "string") return made;
  throw noPlace(folder, made);
}

/** Tokens that only the other files of the folder tell of. */
function filled(made: GgufVocabulary, original: Tokenizer): GgufVocabulary {
  const tokens = [...made.tokens], kinds = [...made.kinds];
  for (let id = tokens.length; id < original.vocabularySize; id++) {
    const token = original.tokenOf(id);
    if (token === undefined) continue;
    tokens[id] = token;
    kinds[id] = PIECE.control;
  }
  return { ...made, tokens, kinds };
}

function checkRows(
  folder: string,
  { tokens }: GgufVocabulary,
  rows: number,
): void {
  if (tokens.length <= rows) return;
  throw noPlace(folder, `it has ${tokens.length} tokens, the model ${rows}`);
}

/** Every row has a token of its own. */
function padded(
  { tokens, kinds, scores, ...rest }: GgufVocabulary,
  rows: number,
): GgufVocabulary {
  const ids = Array.from({ length: rows }, (_, id) => id);
  return {
    ...rest,
    tokens: ids.map((id) => tokens[id] ?? `[PAD${id}]`),
    kinds: ids.map((id) =>
      tokens[id] === undefined ? PIECE.unused : kinds[id] ?? PIECE.normal
    ),
    ...(scores ? { scores: ids.map((id) => scores[id] ?? 0) } : {}),
  };
}

/** Tries the new form on some texts. */
function checkAlike(
  folder: string,
  original: Tokenizer,
  vocabulary: GgufVocabulary,
): void {
  const made = tokenizerFromGguf(folder, plain(vocabulary));
  const other = PROBES.find((text) =>
    original.encode(text).join() !== made.encode(text).join()
  );
  if (other === undefined) return;
  throw noPlace(folder, `it would cut ${JSON.stringify(other)} otherwise`);
}

/** As a file's metadata are read. */
function plain(
  { model, pre, tokens, kinds, merges, scores, hasPrefix }: GgufVocabulary,
): Record<string, unknown> {
  return {
    "tokenizer.ggml.model": model,
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": Int32Array.from(kinds),
    ...(pre ? { "tokenizer.ggml.pre": pre } : {}),
    ...(merges ? { "tokenizer.ggml.merges": merges } : {}),
    ...(scores ? { "tokenizer.ggml.scores": Float32Array.from(scores) } : {}),
    ...(hasPrefix === undefined
      ? {}
      : { "tokenizer.ggml.add_space_prefix": hasPrefix }),
  };
}

function encoded(
  vocabulary: GgufVocabulary,
  { bos, eos }: Tokenizer,
  config: JsonObject,
): Map<string, GgufValue> {
  const { model, pre, tokens, kinds, merges, scores, hasPrefix } = vocabulary;
  const addsBos = config["add_bos_token"];
  const template = config["chat_template"];
  const given: readonly [string, GgufValue | undefined][] = [
    ["ggml.model", ggufText(model)],
    ["ggml.pre", pre === undefined ? undefined : ggufText(pre)],
    ["ggml.tokens", ggufTexts(tokens)],
    ["ggml.scores", scores && ggufF32s(Float32Array.from(scores))],
    ["ggml.token_type", ggufI32s(Int32Array.from(kinds))],
    ["ggml.merges", merges && ggufTexts(merges)],
    ["ggml.bos_token_id", bos === undefined ? undefined : ggufU32(bos)],
    ["ggml.eos_token_id", eos === undefined ? undefined : ggufU32(eos)],
    [
      "ggml.add_bos_token",
      typeof addsBos === "boolean" ? ggufBool(addsBos) : undefined,
    ],
    [
      "ggml.add_space_prefix",
      hasPrefix === undefined ? undefined : ggufBool(hasPrefix),
    ],
    [
      "chat_template",
      typeof template === "string" ? ggufText(template) : undefined,
    ],
  ];
  return new Map(
    given.flatMap(([key, value]) =>
      value === undefined ? [] : [[`tokenizer.${key}`, value] as const]
    ),
  );
}

function noPlace(folder: string, reason: string): RookeryError {
  return new RookeryError(
    "config",
    `Cannot write the tokenizer of ${folder} into a GGUF file as ${reason}: ` +
      "name a folder, without the ending .gguf, which keeps its files",
    { path: folder },
  );
}
