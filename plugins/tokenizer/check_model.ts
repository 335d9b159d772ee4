/**
 * The rules of a tokenizer.json's `model` that the tokenizers package takes
 * for granted.
 *
 * @module
 */

import { quoted } from "../cannot_read.ts";
import { asObject, type JsonObject } from "../json_file.ts";

/** Ids beyond this are no vocabulary's, and a table of them would be huge. */
const MOST_IDS = 1 << 22;

/**
 * Checks ids, merges, scores and the spelling of rules.
 *
 * @throws {Error} that names the key and the value
 */
export function checkModel(model: JsonObject): void {
  const { vocab, merges } = model;
  if (Array.isArray(vocab)) vocab.forEach(checkScored);
  else checkIds(asObject(vocab));
  if (merges !== undefined) checkMerges(merges, asObject(vocab));
  for (const key of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    const value = model[key] ?? "";
    if (typeof value === "string") continue;
    throw new Error(`its model.${key} is ${quoted(value)}: it must be a text`);
  }
}

/**
 * Whether a value may be the id of a token.
 */
export function isTokenId(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0 &&
    value as number < MOST_IDS;
}

/** A token and its score, as Unigram models list them. */
function checkScored(entry: unknown, id: number): void {
  const [token, score] = Array.isArray(entry) ? entry : [];
  if (typeof token === "string" && Number.isFinite(score)) return;
  throw new Error(
    `its model.vocab.${id} is ${quoted(entry)}: it must be a token and a score`,
  );
}

function checkIds(vocab: JsonObject | undefined): void {
  if (vocab === undefined) throw new Error("its model has no vocab");
  const tokens = new Map<number, string>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!isTokenId(id)) {
      throw new Error(
        `its model.vocab has the id ${quoted(id)} for ${quoted(token)}: it ` +
          `must be a whole number below ${MOST_IDS}`,
      );
    }
    if (tokens.has(id)) {
      throw new Error(
        `its model.vocab has the id ${id} for ${quoted(tokens.get(id))} and ` +
          quoted(token),
      );
    }
    tokens.set(id, token);
  }
}

/** Merges are `"a b"` or `["a", "b"]`, of tokens that the vocabulary has. */
function checkMerges(merges: unknown, vocab: JsonObject | undefined): void {
  if (!Array.isArray(merges)) {
    throw new Error(`its model.merges is ${quoted(merges)}: it must be a list`);
  }
  for (const [i, merge] of merges.entries()) {
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    const isPair = Array.isArray(pair) && pair.length === 2 &&
      pair.every((part) => typeof part === "string" && part !== "");
    const lacking = isPair && vocab !== undefined
      ? pair.find((part) => !Object.hasOwn(vocab, part))
      : undefined;
    if (isPair && lacking === undefined) continue;
    throw new Error(
      `its model.merges.${i} is ${quoted(merge)}: ${
        isPair
          ? `the vocabulary does not have ${quoted(lacking)}`
          : "it must be a pair of tokens"
      }`,
    );
  }
}
