/**
 * Options that say how text is drawn.
 *
 * @module
 */

import {
  checkSamplerSettings,
  type Flamingo,
  RookeryError,
  type SamplerSettings,
} from "../mod.ts";
import { optionName, type Options, type OptionValues } from "./command.ts";
import { biasOf, tokensOf } from "./token_option.ts";

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
  frequencyPenalty: {
    type: "number",
    value: "X",
    help:
      "Taken off a logit for each time that its token was drawn (default 0)",
  },
  presencePenalty: {
    type: "number",
    value: "X",
    help: "Taken off the logits of tokens that were drawn (default 0)",
  },
  logitBias: {
    type: "texts",
    value: "TOKEN=X",
    help: "Add X to the logit of a token, a text or an id; -inf bans it",
  },
  ban: {
    type: "texts",
    value: "TOKEN",
    help: "Never write this token: an id, or a text with or without a space",
  },
  stop: {
    type: "texts",
    value: "TEXT",
    help: "End before this text; may be repeated",
  },
  seed: {
    type: "integer",
    value: "N",
    help: "Equal seeds give equal texts (default 0)",
  },
  topLogprobs: {
    type: "integer",
    value: "N",
    help: "With --json: each token's log-probability, and the N likeliest",
  },
} as const satisfies Options;

/** Values of `SAMPLER_OPTIONS`. */
export type SamplerValues = OptionValues<typeof SAMPLER_OPTIONS>;

/** Settings of a sampler, whose tokens only a model knows. */
export type SamplerFor = (model: Flamingo) => SamplerSettings;

const NUMBERS = [
  "maxTokens",
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "seed",
  "topLogprobs",
] as const;

/**
 * Settings of a sampler; what was not given keeps its default. Checked before
 * a model is opened, but for tokens.
 */
export function samplerOf(
  values: SamplerValues & { readonly json: boolean },
): SamplerFor {
  const given = NUMBERS.flatMap((key) =>
    values[key] === undefined ? [] : [[key, values[key]] as const]
  );
  const stopStrings = values.stop.length > 0
    ? { stopStrings: values.stop }
    : {};
  const settings = { ...Object.fromEntries(given), ...stopStrings };
  checkSamplerSettings(settings, { nameOf });
  const biases = values.logitBias.map(biasOf);
  checkTopLogprobs(values);
  return ({ tokenizer, engine }) => {
    const banned = values.ban.flatMap((text) =>
      tokensOf("ban", text, tokenizer)
    );
    const logitBias = new Map(
      biases.flatMap(({ token, bias }) =>
        tokensOf("logit-bias", token, tokenizer)
          .map((id) => [id, bias] as const)
      ),
    );
    const full = { ...settings, banned, logitBias };
    const { vocabulary } = engine.stack.language;
    checkSamplerSettings(full, { vocabulary, nameOf });
    return full;
  };
}

/** Names of settings at the shell where they differ from the library's. */
const OPTION_OF: Partial<Record<keyof SamplerSettings, string>> = {
  banned: "ban",
  stopStrings: "stop",
};

function nameOf(setting: keyof SamplerSettings): string {
  return `--${OPTION_OF[setting] ?? optionName(setting)}`;
}

function checkTopLogprobs(
  { topLogprobs, json }: SamplerValues & { readonly json: boolean },
): void {
  if (topLogprobs === undefined || json) return;
  throw new RookeryError(
    "usage",
    "Cannot use --top-logprobs without --json, which writes the lists: add " +
      "--json",
  );
}
