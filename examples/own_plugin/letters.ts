/**
 * A tokenizer with a token for each printable character, for language models
 * that come without a vocabulary.
 *
 * @module
 */

import {
  definePart,
  objectOf,
  type Part,
  type Tokenizer,
} from "@rookery/rookery";

/** Marks before the characters, by id. */
const MARKS = ["<s>", "<image>", "<end>"];

/** First printable character, how many there are, and what stands in. */
const FIRST = 32, COUNT = 95, UNKNOWN = "?";

/** The part `own/letters`. */
export function letters(): Part<"tokenizer"> {
  return definePart({
    slot: "tokenizer",
    name: "own/letters",
    schema: objectOf({}),
    build: makeTokenizer,
  });
}

function makeTokenizer(): Tokenizer {
  const tokens = [...MARKS];
  for (let i = 0; i < COUNT; i++) tokens.push(String.fromCharCode(FIRST + i));
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const unknown = ids.get(UNKNOWN)!;
  const textOf = (id: number, skipsMarks = false): string =>
    skipsMarks && id < MARKS.length ? "" : tokens[id] ?? "";
  return {
    vocabularySize: tokens.length,
    bos: 0,
    eos: 2,
    encode: (text) => [...text].map((letter) => ids.get(letter) ?? unknown),
    decode: (all, options) =>
      all.map((id) => textOf(id, options?.skipSpecial)).join(""),
    idOf: (token) => ids.get(token),
    tokenOf: (id) => tokens[id],
    streamDecoder: (options) => ({
      push: (id) => textOf(id, options?.skipSpecial),
      end: () => "",
    }),
  };
}
