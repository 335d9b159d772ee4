/**
 * Tokenizers over sentencepiece vocabularies, as LLaMA uses them.
 *
 * @module
 */

import type { Tokenizer } from "../../models/slots.ts";
import type { JsonObject } from "../json_file.ts";
import { PIECE, type Piece, spmModel } from "./spm_model.ts";
import { createTokenizer } from "./text_tokenizer.ts";

/** How sentencepiece spells a space. */
const SPACE = "▁";

/** What a tokenizer is made of. */
export interface SpmParts {
  /** Its pieces, by id. */
  readonly pieces: readonly Piece[];
  /**
   * Where a space is put before text, and taken away again: at its start and
   * after every token that was cut out, or at its start if it has none.
   */
  readonly prefix: "always" | "first" | "never";
  /** Tokens beside the pieces, as a tokenizer.json has them. */
  readonly added?: readonly JsonObject[];
  /** Id that begins a text. */
  readonly bos?: number | undefined;
  /** Id that ends a text. */
  readonly eos?: number | undefined;
}

/**
 * Makes a tokenizer. Pieces that mark something are special tokens, those that
 * a user defined are cut out of text first; text after such a token gets its
 * space too.
 *
 * @param path where the parts come from, for messages
 */
export function spmTokenizer(
  path: string,
  { pieces, prefix, added = [], bos, eos }: SpmParts,
): Tokenizer {
  const spaces = { type: "Replace", pattern: { String: " " }, content: SPACE };
  const always = { type: "Prepend", prepend: SPACE };
  const strip = { type: "Strip", content: " ", start: 1, stop: 0 };
  const json = {
    added_tokens: [...cutFirst(pieces), ...added],
    normalizer: {
      type: "Sequence",
      normalizers: prefix === "always" ? [always, spaces] : [spaces],
    },
    pre_tokenizer: prefix === "first"
      ? { type: "Metaspace", prepend_scheme: "first", split: false }
      : null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: SPACE }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(prefix === "never" ? [] : [strip]),
      ],
    },
  };
  return createTokenizer(path, { json, model: spmModel(pieces), bos, eos });
}

function cutFirst(pieces: readonly Piece[]): JsonObject[] {
  return pieces.flatMap(({ text: content, kind }, id) => {
    const special = kind === PIECE.control || kind === PIECE.unknown;
    return special || kind === PIECE.userDefined
      ? [{ id, content, special, normalized: false }]
      : [];
  });
}
