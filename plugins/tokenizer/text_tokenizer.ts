/**
 * Tokenizers over the tokenizers package, from a tokenizer.json value.
 *
 * @module
 */
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { RookeryError } from "../../core/errors.ts";
import { cannotRead } from "../cannot_read.ts";
import type { JsonObject } from "../json_file.ts";
import { createStreamDecoder } from "./stream_decoder.ts";
import type { DecodeTextOptions, Tokenizer } from "../../models/slots.ts";

/** What a tokenizer is made of. */
export interface TokenizerParts {
  /** Value of a tokenizer.json. */
  readonly json: JsonObject;
  /** Value of a tokenizer_config.json, where there is one. */
  readonly config?: JsonObject;
  /** Id that begins a text. */
  readonly bos?: number | undefined;
  /** Id that ends a text. */
  readonly eos?: number | undefined;
}

/**
 * Makes a tokenizer.
 *
 * @param path where the parts come from, for messages
 * @throws {RookeryError} `file` when the parts are of a kind that the
 * tokenizers package does not know
 */
export function createTokenizer(
  path: string,
  { json, config = {}, bos, eos }: TokenizerParts,
): Tokenizer {
  const engine = createEngine(path, json, config);
  const vocabulary = engine.model!;
  const special = new Set(
    engine.get_added_tokens_decoder().entries()
      .filter(([, token]) => token.special)
      .map(([id]) => id),
  );
  const decode = (
    ids: readonly number[],
    { skipSpecial = false }: DecodeTextOptions = {},
  ): string => {
    ids.forEach((id) => checkId(id, vocabulary.vocab));
    const shown = skipSpecial ? ids.filter((id) => !special.has(id)) : [...ids];
    if (shown.length === 0) return "";
    return engine.decode(shown, { clean_up_tokenization_spaces: false });
  };
  return {
    vocabularySize: vocabulary.vocab.length,
    bos,
    eos,
    encode: (text, options = {}) =>
      options.special === true
        ? engine.encode(text, { add_special_tokens: false }).ids
        : encodePlain(engine, text),
    decode,
    idOf: (token) => vocabulary.tokens_to_ids.get(token),
    tokenOf: (id) => vocabulary.vocab[id],
    streamDecoder: (options = {}) =>
      createStreamDecoder((ids) => decode(ids, options)),
  };
}

function createEngine(
  path: string,
  json: JsonObject,
  config: JsonObject,
): Engine {
  try {
    return new Engine(json, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cannotRead(path, `its tokenizer cannot be built: ${reason}`, {
      cause,
    });
  }
}

/** As the engine does it, but for added tokens, which stay plain text. */
function encodePlain(engine: Engine, text: string): number[] {
  if (text === "") return [];
  const model = engine.model!;
  const normal = engine.normalizer?.normalize(text) ?? text;
  const pieces = engine.pre_tokenizer
    ?.pre_tokenize(normal, { section_index: 0 }) ?? [normal];
  const ids: number[] = [];
  for (const token of model._call(pieces)) {
    const id = model.tokens_to_ids.get(token) ?? model.unk_token_id;
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

function checkId(id: number, vocabulary: readonly string[]): void {
  if (vocabulary[id] !== undefined) return;
  throw new RookeryError(
    "prompt",
    `Cannot decode token ${id}: the vocabulary has ids from 0 to ` +
      `${vocabulary.length - 1}`,
    { expected: vocabulary.length, actual: id },
  );
}
