/**
 * Tokenizers from the metadata of GGUF files.
 *
 * @module
 */
import { cannotRead, quoted } from "../cannot_read.ts";
import type { JsonObject } from "../json_file.ts";
import { digitsPreTokenizer, gpt2PreTokenizer } from "./exact_pre_tokenizer.ts";
import { createTokenizer } from "./text_tokenizer.ts";
import type { Tokenizer } from "../../models/slots.ts";

/** Kinds of tokens in `tokenizer.ggml.token_type` that are cut out first. */
const CONTROL = 3;
const USER_DEFINED = 4;

/** Pre-tokenizers by `tokenizer.ggml.pre`. */
const PRE_TOKENIZERS: ReadonlyMap<string, () => JsonObject> = new Map([
  ["smollm", digitsPreTokenizer],
  ["starcoder", digitsPreTokenizer],
  ["refact", digitsPreTokenizer],
  ["command-r", digitsPreTokenizer],
  ["default", gpt2PreTokenizer],
  ["gpt-2", gpt2PreTokenizer],
]);

/**
 * Tokenizer of a GGUF file with a byte-level BPE vocabulary
 * (`tokenizer.ggml.model` is `gpt2`).
 *
 * @param path of the file, for messages
 * @param metadata of the file, as `openGguf` gives it
 * @throws {RookeryError} `file` for another kind of tokenizer, or metadata
 * that are missing or do not fit each other
 */
export function tokenizerFromGguf(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
): Tokenizer {
  const model = metadata["tokenizer.ggml.model"];
  if (model !== "gpt2") {
    throw cannotRead(
      path,
      `its tokenizer.ggml.model is ${quoted(model)}: only "gpt2" ` +
        `(byte-level BPE) is read`,
      { expected: "gpt2", actual: model },
    );
  }
  const tokens = strings(path, metadata, "tokenizer.ggml.tokens");
  const merges = strings(path, metadata, "tokenizer.ggml.merges");
  const json = {
    version: "1.0",
    added_tokens: addedTokens(path, metadata, tokens),
    normalizer: null,
    pre_tokenizer: preTokenizer(path, metadata),
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      unk_token: null,
      byte_fallback: false,
      vocab: vocabulary(path, tokens),
      merges: merges.map((merge) => mergePair(path, merge)),
    },
  };
  return createTokenizer(path, {
    json,
    bos: idAt(path, metadata, { key: "bos_token_id", tokens }),
    eos: idAt(path, metadata, { key: "eos_token_id", tokens }),
  });
}

function strings(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
  key: string,
): readonly string[] {
  const value = metadata[key];
  const isText = Array.isArray(value) &&
    value.every((item) => typeof item === "string");
  if (!isText) {
    throw cannotRead(path, `its metadata have no list of strings ${key}`);
  }
  return value;
}

function vocabulary(
  path: string,
  tokens: readonly string[],
): Readonly<Record<string, number>> {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size !== tokens.length) {
    const twice = tokens.find((token, id) => ids.get(token) !== id);
    throw cannotRead(path, `its vocabulary has ${quoted(twice)} twice`);
  }
  return Object.fromEntries(ids);
}

/** The two parts of a merge; a space within a part is spelled otherwise. */
function mergePair(path: string, merge: string): [string, string] {
  const at = merge.indexOf(" ", 1);
  if (at < 0 || at === merge.length - 1) {
    throw cannotRead(path, `its merge ${quoted(merge)} is no pair`);
  }
  return [merge.slice(0, at), merge.slice(at + 1)];
}

function addedTokens(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
  tokens: readonly string[],
): readonly JsonObject[] {
  const types = metadata["tokenizer.ggml.token_type"] ?? [];
  if (!Array.isArray(types) && !(types instanceof Int32Array)) {
    throw cannotRead(path, "its tokenizer.ggml.token_type is no list of i32");
  }
  const added: JsonObject[] = [];
  for (const [id, content] of tokens.entries()) {
    if (types[id] !== CONTROL && types[id] !== USER_DEFINED) continue;
    added.push({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: types[id] === CONTROL,
    });
  }
  return added;
}

function preTokenizer(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
): JsonObject {
  const name = metadata["tokenizer.ggml.pre"] ?? "default";
  const make = PRE_TOKENIZERS.get(String(name));
  if (make === undefined) {
    const known = [...PRE_TOKENIZERS.keys()].join(", ");
    throw cannotRead(
      path,
      `its tokenizer.ggml.pre is ${quoted(name)}: known are ${known}`,
      { expected: [...PRE_TOKENIZERS.keys()], actual: name },
    );
  }
  return make();
}

interface IdPlace {
  readonly key: string;
  readonly tokens: readonly string[];
}

function idAt(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
  { key, tokens }: IdPlace,
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
