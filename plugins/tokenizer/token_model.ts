/**
 * What turns pieces of text into ids: a vocabulary and its rules.
 *
 * @module
 */

import { Tokenizer as Engine } from "@huggingface/tokenizers";
import type { JsonObject } from "../json_file.ts";
import { checkModel } from "./check_model.ts";

/** A vocabulary with the rules that cut pieces of text into its tokens. */
export interface TokenModel {
  /** Tokens by id; there may be gaps. */
  readonly tokens: readonly (string | undefined)[];
  /** Id of a token. */
  idOf(token: string): number | undefined;
  /** Ids of the pieces that a pre-tokenizer made. */
  encode(pieces: readonly string[]): number[];
}

/**
 * The `model` of a tokenizer.json: BPE, WordPiece or Unigram, by the
 * tokenizers package.
 *
 * @throws {Error} for a kind that it does not know
 */
export function engineModel(model: JsonObject): TokenModel {
  checkModel(model);
  const engine = new Engine({
    model,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  }, {}).model!;
  return {
    tokens: engine.vocab,
    idOf: (token) => engine.tokens_to_ids.get(token),
    encode(pieces) {
      const tokens = engine._call([...pieces]);
      const ids = tokens.map((token) =>
        engine.tokens_to_ids.get(token) ?? engine.unk_token_id
      );
      return ids.filter((id) => id !== undefined);
    },
  };
}
