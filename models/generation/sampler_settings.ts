/**
 * How the next token is chosen. Choosing itself happens on the device.
 *
 * @module
 */

import { STOP_TOKENS } from "../../ops/control_row.ts";
import { MOST_TOP } from "../../ops/top_entries.ts";

/**
 * Settings of a sequence's sampler; every one has a default. They work in the
 * order of this list: what comes before `temperature` changes single logits,
 * what comes after it limits and draws.
 */
export interface SamplerSettings {
  /**
   * Added to tokens' logits, by token id: from −1e6 to 1e6, or −∞, which is a
   * ban. Default none.
   */
  readonly logitBias?:
    | ReadonlyMap<number, number>
    | Readonly<Record<number, number>>;
  /**
   * Over 1 makes tokens that occurred in the prompt or were drawn less likely:
   * positive logits are divided by it, others multiplied. Default 1.
   */
  readonly repetitionPenalty?: number;
  /** Taken off a token's logit for each time that it was drawn. Default 0. */
  readonly frequencyPenalty?: number;
  /** Taken off the logits of tokens that were drawn. Default 0. */
  readonly presencePenalty?: number;
  /** Tokens that are never chosen. Default none. */
  readonly banned?: readonly number[];
  /**
   * 0 takes the likeliest token; higher, from 1e-6 to 1e6, is more random.
   * Default 0.
   */
  readonly temperature?: number;
  /** Keep only the k likeliest tokens; 0 keeps all. Default 0. */
  readonly topK?: number;
  /** Keep the likeliest tokens until their probability passes p. Default 1. */
  readonly topP?: number;
  /** Keep tokens at least so likely, relative to the likeliest. Default 0. */
  readonly minP?: number;
  /** Seed of the random draws; equal seeds give equal texts. Default 0. */
  readonly seed?: number;
  /** Tokens that end the sequence; at most 32. Default none. */
  readonly stop?: readonly number[];
  /**
   * Texts that end the sequence and are not part of it. `generate` and the
   * tasks look for them as text comes; a sequence that is stepped by hand
   * needs a `TextStream` for that. Default none.
   */
  readonly stopStrings?: readonly string[];
  /** Most tokens to draw. Default 64. */
  readonly maxTokens?: number;
  /**
   * How many of the likeliest tokens each sample notes; 0–20. Default 0. Their
   * log-probabilities, as that of the drawn token, are the model's own: the
   * log-softmax of the logits before any of these settings.
   */
  readonly topLogprobs?: number;
}

/** Settings that are complete and checked. */
export interface Sampler extends Required<Omit<SamplerSettings, "logitBias">> {
  /** Finite biases that are not 0; −∞ is among `banned`. */
  readonly logitBias: ReadonlyMap<number, number>;
}

/** Most stop tokens of a sequence. */
export const MAX_STOP_TOKENS: number = STOP_TOKENS;

/** Most of the likeliest tokens that a sample notes. */
export const MAX_TOP_LOGPROBS: number = MOST_TOP;
