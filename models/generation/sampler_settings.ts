/**
 * How the next token is chosen. Choosing itself happens on the device.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Settings of a sequence's sampler; every one has a default. */
export interface SamplerSettings {
  /** 0 takes the likeliest token; higher is more random. Default 0. */
  readonly temperature?: number;
  /** Keep only the k likeliest tokens; 0 keeps all. Default 0. */
  readonly topK?: number;
  /** Keep the likeliest tokens until their probability passes p. Default 1. */
  readonly topP?: number;
  /** Keep tokens at least so likely, relative to the likeliest. Default 0. */
  readonly minP?: number;
  /** Over 1 makes tokens that occurred less likely. Default 1. */
  readonly repetitionPenalty?: number;
  /** Seed of the random draws; equal seeds give equal texts. Default 0. */
  readonly seed?: number;
  /** Tokens that are never chosen. Default none. */
  readonly banned?: readonly number[];
  /** Tokens that end the sequence; at most 8. Default none. */
  readonly stop?: readonly number[];
  /** Most tokens to draw. Default 64. */
  readonly maxTokens?: number;
}

/** Most stop tokens of a sequence. */
export const MAX_STOP_TOKENS = 8;

/** Checks ranges; throws a `usage` error that names the setting. */
export function checkSamplerSettings(
  settings: SamplerSettings,
  vocabulary: number,
): Required<SamplerSettings> {
  const full = {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    seed: 0,
    banned: [],
    stop: [],
    maxTokens: 64,
    ...settings,
  };
  const rules: [keyof SamplerSettings, boolean, string][] = [
    ["temperature", full.temperature >= 0, "at least 0"],
    ["topK", Number.isInteger(full.topK) && full.topK >= 0, "an integer ≥ 0"],
    ["topP", full.topP > 0 && full.topP <= 1, "over 0 and at most 1"],
    ["minP", full.minP >= 0 && full.minP <= 1, "between 0 and 1"],
    ["repetitionPenalty", full.repetitionPenalty > 0, "over 0"],
    [
      "seed",
      Number.isInteger(full.seed) && full.seed >= 0 && full.seed < 2 ** 32,
      "an integer from 0 to 2³² − 1",
    ],
    [
      "stop",
      full.stop.length <= MAX_STOP_TOKENS,
      `at most ${MAX_STOP_TOKENS} tokens`,
    ],
    [
      "maxTokens",
      Number.isInteger(full.maxTokens) && full.maxTokens >= 1,
      "an integer ≥ 1",
    ],
    ["banned", new Set(full.banned).size < vocabulary, "fewer than all tokens"],
  ];
  for (const [name, isRight, rule] of rules) {
    if (isRight) continue;
    throw new RookeryError(
      "usage",
      `Cannot sample with ${name} ${full[name]}: it must be ${rule}`,
      { path: name, expected: rule, actual: full[name] },
    );
  }
  return full;
}
