/**
 * Tokens that options name.
 *
 * @module
 */

import { RookeryError, type Tokenizer } from "../mod.ts";

/**
 * Ids of a token that an option names: digits are an id; a text, in double
 * quotes where it looks like an id, stands for the token that spells it and
 * for the one with a space before it.
 */
export function tokensOf(
  option: string,
  word: string,
  tokenizer: Tokenizer,
): number[] {
  if (/^\d+$/.test(word)) return [Number(word)];
  const text = /^"(.+)"$/s.exec(word)?.[1] ?? word;
  const spellings = [tokenizer.encode(text), tokenizer.encode(` ${text}`)];
  const ids = spellings.flatMap((ids) => ids.length === 1 ? ids : []);
  if (ids.length > 0) return [...new Set(ids)];
  const parts = spellings[0]!.map((id) => `"${tokenizer.decode([id])}"`);
  throw new RookeryError(
    "usage",
    `Cannot use --${option} "${text}" as it is ${parts.length} tokens: name ` +
      `one of ${parts.join(", ") || "the model's tokens"}`,
    { actual: text },
  );
}

/** A token and what is added to its logit, of `TOKEN=X`. */
export function biasOf(
  word: string,
): { readonly token: string; readonly bias: number } {
  const at = word.lastIndexOf("=");
  const value = word.slice(at + 1).trim();
  const bias = value === "-inf" ? -Infinity : Number(value);
  if (at > 0 && value !== "" && !Number.isNaN(bias)) {
    return { token: word.slice(0, at), bias };
  }
  throw new RookeryError(
    "usage",
    `Cannot use --logit-bias "${word}": it must be TOKEN=X, a text or an id ` +
      "and a number or -inf, e.g. fox=2.5",
    { actual: word },
  );
}
