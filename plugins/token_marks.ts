/**
 * Marks in prompts: from the texts and ids of a config to ids that fit the
 * tokenizer and the language model.
 *
 * @module
 */

import type { PromptTokens } from "../models/flamingo/prompt.ts";
import type { Tokenizer } from "../models/slots.ts";
import type { TokensSection } from "./config.ts";
import type { Misfits } from "./misfits.ts";

/** What ids must fit. */
export interface MarkLimits {
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Rows of the language model's embedding. */
  readonly vocabulary: number;
}

/** Ids of the marks; undefined after reporting those that do not fit. */
export function tokenMarks(
  tokens: TokensSection,
  limits: MarkLimits,
  misfits: Misfits,
): PromptTokens | undefined {
  const before = misfits.count;
  const idOf = (key: MarkName) =>
    markId({ key, text: tokens[key], id: tokens[`${key}Id`] }, limits, misfits);
  const optionalId = (key: MarkName) =>
    tokens[key] === undefined && tokens[`${key}Id`] === undefined
      ? undefined
      : idOf(key);
  const image = tokens.imageStartIds === undefined
    ? [idOf("image")!]
    : imageText(tokens, limits.tokenizer);
  const endOfChunk = idOf("endOfChunk");
  const around = optionalId("around"), closing = optionalId("closing");
  const start = optionalId("start"), between = optionalId("between");
  if (misfits.count !== before) return undefined;
  const imageStarts = tokens.imageStartIds ?? image;
  const isTrimmed = tokens.trim ?? false;
  const ids = { image, imageStarts, around, closing, start, between };
  return { ...ids, endOfChunk: endOfChunk!, isTrimmed };
}

type MarkName =
  | "image"
  | "endOfChunk"
  | "start"
  | "around"
  | "between"
  | "closing";

/** Tokens of a mark that is plain text; ids alone have none to spell it with. */
function imageText(
  { image, imageStartIds = [] }: TokensSection,
  tokenizer: Tokenizer,
): number[] {
  const isKnown = image !== undefined && tokenizer.hasText !== false;
  return isKnown ? tokenizer.encode(image) : [imageStartIds[0]!];
}

/** Ids of texts that end what is generated; reports those that have none. */
export function stopTokens(
  texts: readonly string[],
  tokenizer: Tokenizer,
  misfits: Misfits,
): number[] {
  return texts.flatMap((text, i) => {
    const id = singleToken(tokenizer, text);
    if (id !== undefined) return [id];
    misfits.add(
      `prompt.stop.${i}`,
      `"${text}" is not one token of the tokenizer: choose another text`,
    );
    return [];
  });
}

/** A mark as the config gives it. */
interface Mark {
  readonly key: string;
  readonly text: string | undefined;
  readonly id: number | undefined;
}

function markId(
  { key, text, id: given }: Mark,
  { tokenizer, vocabulary }: MarkLimits,
  misfits: Misfits,
): number | undefined {
  const path = `tokens.${key}`;
  // An id that is given may be of a token that only the model knows.
  const found = text === undefined
    ? undefined
    : given === undefined
    ? singleToken(tokenizer, text)
    : tokenizer.idOf(text);
  const id = given ?? found;
  if (id === undefined) {
    const reason = text === undefined
      ? "it is missing: give its text, or its id as"
      : `"${text}" is not one token of the tokenizer: choose another, or ` +
        "give its id as";
    misfits.add(path, `${reason} ${path}Id`);
  } else if (id >= vocabulary) {
    misfits.add(
      path,
      `its id is ${id}: the language model has ids below ${vocabulary}`,
    );
  } else if (given !== undefined && found !== undefined && given !== found) {
    misfits.add(
      path,
      `its id is given as ${given}, and the tokenizer has "${text}" as ` +
        `${found}: correct one of them`,
    );
  }
  return id;
}

/** Id of a text that is one token, spelled as in the vocabulary or plainly. */
function singleToken(tokenizer: Tokenizer, text: string): number | undefined {
  const known = tokenizer.idOf(text);
  if (known !== undefined) return known;
  const ids = tokenizer.encode(text);
  return ids.length === 1 ? ids[0] : undefined;
}
