/**
 * From a sampler's settings as given to complete and checked ones.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import {
  MAX_STOP_TOKENS,
  MAX_TOP_LOGPROBS,
  type Sampler,
  type SamplerSettings,
} from "./sampler_settings.ts";

/** Greatest bias or penalty; logits are far smaller. */
const MOST_CHANGE = 1e6;

/** What a setting is called where it was written, e.g. `--top-p`. */
export type SettingName = (setting: keyof SamplerSettings) => string;

/** Options of `checkSamplerSettings`. */
export interface CheckSamplerOptions {
  /** Tokens of the model. Default Infinity: tokens are checked later. */
  readonly vocabulary?: number;
  /** Names of settings in errors. Default their own. */
  readonly nameOf?: SettingName;
}

/**
 * Fills in defaults and checks ranges.
 *
 * @throws {RookeryError} `usage`, with the setting's name and rule
 */
export function checkSamplerSettings(
  settings: SamplerSettings,
  { vocabulary = Infinity, nameOf = (setting) => setting }:
    CheckSamplerOptions = {},
): Sampler {
  const given = {
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
    banned: [],
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    seed: 0,
    stop: [],
    stopStrings: [],
    maxTokens: 64,
    topLogprobs: 0,
    ...settings,
  };
  const biases = biasesOf(settings, nameOf);
  const full = {
    ...given,
    ...splitBiases(biases, given.banned),
  };
  checkNumbers(full, nameOf);
  checkTokens(nameOf("logitBias"), [...biases.keys()], vocabulary);
  checkTokens(nameOf("banned"), full.banned, vocabulary);
  checkStops(full, nameOf);
  if (new Set(full.banned).size < vocabulary) return full;
  throw new RookeryError(
    "usage",
    `Cannot sample with all ${vocabulary} tokens ruled out by ` +
      `${nameOf("banned")} and ${nameOf("logitBias")}: leave at least one`,
    { path: nameOf("banned"), actual: vocabulary },
  );
}

function checkNumbers(full: Sampler, nameOf: SettingName): void {
  const change = `a number from ${-MOST_CHANGE} to ${MOST_CHANGE}`;
  const isChange = (value: number) => Math.abs(value) <= MOST_CHANGE;
  const isCount = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  const { repetitionPenalty, temperature, topP, minP } = full;
  const rules: [keyof SamplerSettings, boolean, string][] = [
    [
      "repetitionPenalty",
      repetitionPenalty >= 1 / MOST_CHANGE && isChange(repetitionPenalty),
      `from ${1 / MOST_CHANGE} to ${MOST_CHANGE}`,
    ],
    ["frequencyPenalty", isChange(full.frequencyPenalty), change],
    ["presencePenalty", isChange(full.presencePenalty), change],
    [
      "temperature",
      temperature === 0 ||
      (temperature >= 1 / MOST_CHANGE && isChange(temperature)),
      `0, or from ${1 / MOST_CHANGE} to ${MOST_CHANGE}`,
    ],
    [
      "topK",
      isCount(full.topK, 0, 2 ** 32 - 1),
      "an integer from 0 to 2³² − 1",
    ],
    ["topP", topP > 0 && topP <= 1, "over 0 and at most 1"],
    ["minP", minP >= 0 && minP <= 1, "between 0 and 1"],
    [
      "seed",
      isCount(full.seed, 0, 2 ** 32 - 1),
      "an integer from 0 to 2³² − 1",
    ],
    ["maxTokens", isCount(full.maxTokens, 1, Infinity), "an integer ≥ 1"],
    [
      "topLogprobs",
      isCount(full.topLogprobs, 0, MAX_TOP_LOGPROBS),
      `an integer from 0 to ${MAX_TOP_LOGPROBS}`,
    ],
  ];
  for (const [name, isRight, rule] of rules) {
    if (!isRight) throw refused(nameOf(name), full[name], rule);
  }
}

/** Biases by token; an object's keys are texts. */
function biasesOf(
  { logitBias = {} }: SamplerSettings,
  nameOf: SettingName,
): Map<number, number> {
  const biases = logitBias instanceof Map
    ? new Map<number, number>(logitBias)
    : new Map(
      Object.entries(logitBias).map(([id, bias]) => [Number(id), bias]),
    );
  for (const [token, bias] of biases) {
    if (bias === -Infinity || Math.abs(bias) <= MOST_CHANGE) continue;
    throw refused(
      `${nameOf("logitBias")} of token ${token}`,
      bias,
      `a number from ${-MOST_CHANGE} to ${MOST_CHANGE}, or -Infinity`,
    );
  }
  return biases;
}

/** A bias of −∞ is a ban, one of 0 nothing. */
function splitBiases(
  biases: ReadonlyMap<number, number>,
  banned: readonly number[],
): Pick<Sampler, "logitBias" | "banned"> {
  const all = [...biases];
  const bans = all.filter(([, bias]) => bias === -Infinity);
  return {
    logitBias: new Map(
      all.filter(([, bias]) => bias !== -Infinity && bias !== 0),
    ),
    banned: [...banned, ...bans.map(([token]) => token)],
  };
}

function checkTokens(
  name: string,
  tokens: readonly number[],
  vocabulary: number,
): void {
  for (const token of tokens) {
    if (Number.isInteger(token) && token >= 0 && token < vocabulary) continue;
    const rule = `one of the model's tokens, 0 to ${vocabulary - 1}`;
    throw refused(name, `token ${token}`, rule);
  }
}

function checkStops(
  { stop, stopStrings }: Sampler,
  nameOf: SettingName,
): void {
  const most = `at most ${MAX_STOP_TOKENS} tokens`;
  if (stop.length > MAX_STOP_TOKENS) {
    throw refused(nameOf("stop"), stop.length, most);
  }
  if (!stopStrings.includes("")) return;
  throw refused(nameOf("stopStrings"), '""', "a text that is not empty");
}

function refused(name: string, actual: unknown, rule: string): RookeryError {
  return new RookeryError(
    "usage",
    `Cannot sample with ${name} ${actual}: it must be ${rule}`,
    { path: name, expected: rule, actual },
  );
}
