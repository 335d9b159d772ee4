/**
 * Options that say how text is drawn.
 *
 * @module
 */

import { RookeryError, type SamplerSettings, type Tokenizer } from "../mod.ts";
import type { Options, OptionValues } from "./command.ts";

/** Options of every command that writes text. */
export const SAMPLER_OPTIONS = {
  maxTokens: {
    type: "integer",
    value: "N",
    help: "Most tokens to write (default 32; generate: 64)",
  },
  temperature: {
    type: "number",
    value: "T",
    help: "0 takes the likeliest token, higher is more random (default 0)",
  },
  topK: {
    type: "integer",
    value: "K",
    help: "Draw from the K likeliest tokens only; 0 for all (default 0)",
  },
  topP: {
    type: "number",
    value: "P",
    help: "Draw from the likeliest tokens that make up P (default 1)",
  },
  minP: {
    type: "number",
    value: "P",
    help: "Leave out tokens below P times the likeliest (default 0)",
  },
  repetitionPenalty: {
    type: "number",
    value: "X",
    help: "Over 1 makes tokens that occurred less likely (default 1)",
  },
  seed: {
    type: "integer",
    value: "N",
    help: "Equal seeds give equal texts (default 0)",
  },
  ban: {
    type: "texts",
    value: "TEXT",
    help: "Never write this token, with or without a space before it",
  },
} as const satisfies Options;

/** Settings of a sampler; what was not given keeps its default. */
export function samplerOf(
  values: OptionValues<typeof SAMPLER_OPTIONS>,
  tokenizer: Tokenizer,
): SamplerSettings {
  const { ban } = values;
  const keys = [
    "maxTokens",
    "temperature",
    "topK",
    "topP",
    "minP",
    "repetitionPenalty",
    "seed",
  ] as const;
  const given = keys.flatMap((key) =>
    values[key] === undefined ? [] : [[key, values[key]] as const]
  );
  const banned = ban.flatMap((text) => tokensOf(text, tokenizer));
  return { ...Object.fromEntries(given), ...(banned.length ? { banned } : {}) };
}

/** Ids that spell a text alone; a text of several tokens cannot be banned. */
function tokensOf(text: string, tokenizer: Tokenizer): number[] {
  const spellings = [tokenizer.encode(text), tokenizer.encode(` ${text}`)];
  const ids = spellings.flatMap((ids) => ids.length === 1 ? ids : []);
  if (ids.length > 0) return ids;
  const parts = spellings[0]!.map((id) => `"${tokenizer.decode([id])}"`);
  throw new RookeryError(
    "usage",
    `Cannot ban "${text}" as it is ${parts.length} tokens: ban one of ` +
      `${parts.join(", ")}`,
    { actual: text },
  );
}
