/**
 * A sequence: one conversation with the model as the host knows it. Its keys
 * and values lie in pages on the device; everything else is here.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type {
  ControlFields,
  ControlState,
  Sample,
} from "../../ops/control_row.ts";
import type { SamplerSettings } from "./sampler_settings.ts";

/** State of a sequence. The engine changes it; others read. */
export interface Sequence {
  /** Pages that hold its past, in order. */
  readonly pages: number[];
  /** Media slots of its pictures, in order. */
  readonly pictures: number[];
  /** Tokens whose keys and values lie in the pages. */
  readonly past: number[];
  /** Tokens drawn so far, with their log-likelihoods. */
  readonly samples: Sample[];
  /** How tokens are drawn. */
  readonly sampler: Required<SamplerSettings>;
  /** Pictures before the latest token. */
  media: number;
  /** Whether a stop token or the limit was reached. */
  isDone: boolean;
  /** Whether the last drawn token is still to be fed. */
  hasPending: boolean;
}

/** Tokens fed to a sequence, with the pictures that each of them sees. */
export interface Chunk {
  /** Token ids, at least one. */
  readonly tokens: readonly number[];
  /** For each token, how many pictures of the sequence came up to it. */
  readonly media: readonly number[];
}

/** What the next run does with a sequence. */
export interface RunFields {
  /** Tokens that the cache holds before the run. */
  readonly position: number;
  /** Tokens that the run feeds. */
  readonly count: number;
  /** Whether the run may draw. */
  readonly isSampled: boolean;
}

/** Control row of a sequence for a run; its past includes what is fed. */
export function controlFields(
  sequence: Sequence,
  run: RunFields,
): ControlFields {
  const { sampler, past, samples, media } = sequence;
  return {
    token: samples.at(-1)?.token ?? 0,
    position: run.position,
    count: run.count,
    media,
    isDone: !run.isSampled || sequence.isDone,
    drawn: samples.length,
    limit: sampler.maxTokens,
    seed: sampler.seed,
    temperature: sampler.temperature,
    topK: sampler.topK,
    topP: sampler.topP,
    minP: sampler.minP,
    penalty: sampler.repetitionPenalty,
    stops: sampler.stop,
    seen: [...past, ...samples.map(({ token }) => token)],
    banned: sampler.banned,
  };
}

/** Takes over what the device did to a sequence since its last readback. */
export function takeOver(sequence: Sequence, state: ControlState): void {
  if (state.hasFailed) {
    throw new RookeryError(
      "numeric",
      `Cannot draw token ${state.drawn + 1} as the logits hold NaN, or no ` +
        "token is left to choose: check the weights, or ban fewer tokens",
      { actual: state.drawn },
    );
  }
  const { past, samples } = sequence;
  const drawn = state.drawn - samples.length;
  const fresh = drawn > 0 ? state.samples.slice(-drawn) : [];
  const pending = sequence.hasPending ? [samples.at(-1)!] : [];
  const fed = [...pending, ...fresh].slice(0, state.position - past.length);
  past.push(...fed.map(({ token }) => token));
  samples.push(...fresh);
  sequence.hasPending = samples.length > 0;
  sequence.isDone = state.isDone;
}
