/**
 * A sequence: one conversation with the model as the host knows it. Its keys
 * and values lie in pages on the device; everything else is here.
 *
 * @module
 */

import type { RookeryError } from "../../core/errors.ts";
import type { ControlState, Sample } from "../../ops/read_control_row.ts";
import type { ControlFields } from "../../ops/write_control_row.ts";
import type { PrefixLink } from "./prefix_link.ts";
import { drawFailure } from "./draw_failure.ts";
import type { Sampler } from "./sampler_settings.ts";

/** Stands in `Sequence.pictures` for one that no token can see any more. */
export const NO_PICTURE = -1;

/** State of a sequence. The engine changes it; others read. */
export interface Sequence {
  /** Pages that hold its past, in order. */
  readonly pages: number[];
  /** Media slots of its pictures, in order; `NO_PICTURE` for those let go. */
  readonly pictures: number[];
  /** Contents of its pictures by `pictureKey`, in order; "" where unknown. */
  pictureKeys: readonly string[];
  /** Tokens whose keys and values lie in the pages. */
  readonly past: number[];
  /**
   * For each token of `past`, how many pictures came up to it; those drawn since
   * the last chunk are left out, as they see what its last token sees.
   */
  ordinals: readonly number[];
  /** Its pages in the prefix cache; undefined where it takes no part. */
  prefix: readonly PrefixLink[] | undefined;
  /** Tokens drawn so far, with their log-likelihoods. */
  readonly samples: Sample[];
  /** How tokens are drawn. */
  readonly sampler: Sampler;
  /** Pictures before the latest token. */
  media: number;
  /** Whether a stop or the limit was reached, or a draw failed. */
  isDone: boolean;
  /** Whether the last drawn token is still to be fed. */
  hasPending: boolean;
  /**
   * Why nothing more can be drawn, once a draw failed: `numeric` for logits
   * with NaN or infinity, or that leave no token. The samples are those drawn
   * before. `Engine.step` does not throw it, as other rows of the step are
   * well; whoever steps looks here, and `generate` throws it.
   */
  failure: RookeryError | undefined;
}

/** A sequence without a past. */
export function newSequence(sampler: Sampler): Sequence {
  return {
    pages: [],
    pictures: [],
    pictureKeys: [],
    ordinals: [],
    prefix: undefined,
    past: [],
    samples: [],
    sampler,
    media: 0,
    isDone: false,
    hasPending: false,
    failure: undefined,
  };
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
  /** Most tokens to draw before the row is written anew. */
  readonly draws: number;
}

/**
 * Control row of a sequence for a run; its past includes what is fed. Its
 * adjustments begin at `place`.
 */
export function controlFields(
  sequence: Sequence,
  run: RunFields,
  place: number | undefined,
): ControlFields {
  const { sampler, past, samples, media } = sequence;
  const drawn = samples.map(({ token }) => token);
  return {
    token: samples.at(-1)?.token ?? 0,
    position: run.position,
    count: run.count,
    media,
    isDone: run.draws === 0 || sequence.isDone,
    drawn: samples.length,
    limit: Math.min(sampler.maxTokens, samples.length + run.draws),
    seed: sampler.seed,
    temperature: sampler.temperature,
    topK: sampler.topK,
    topP: sampler.topP,
    minP: sampler.minP,
    penalty: sampler.repetitionPenalty,
    frequency: sampler.frequencyPenalty,
    presence: sampler.presencePenalty,
    ...(place === undefined ? {} : { adjust: place }),
    top: sampler.topLogprobs,
    stops: sampler.stop,
    seen: sampler.repetitionPenalty === 1 ? drawn : [...past, ...drawn],
    banned: sampler.banned,
  };
}

/** Takes over what the device did to a sequence since its last readback. */
export function takeOver(sequence: Sequence, state: ControlState): void {
  const { past, samples } = sequence;
  const drawn = state.drawn - samples.length;
  const fresh = drawn > 0 ? state.samples.slice(-drawn) : [];
  const pending = sequence.hasPending ? [samples.at(-1)!] : [];
  const fed = [...pending, ...fresh].slice(0, state.position - past.length);
  past.push(...fed.map(({ token }) => token));
  samples.push(...fresh);
  if (state.error !== 0) {
    sequence.failure ??= drawFailure(state.error, samples.length);
  }
  // A token after which no other could be drawn was fed.
  sequence.hasPending = samples.length > 0 && state.error === 0;
  sequence.isDone ||= state.error !== 0 || isEnd(sequence);
}

/** Whether the last draw was the last of all. */
function isEnd({ samples, sampler }: Sequence): boolean {
  return samples.length >= sampler.maxTokens ||
    sampler.stop.includes(samples.at(-1)?.token ?? NaN);
}

/**
 * Ends a sequence after the first `count` of its draws. The pages keep what
 * lies behind its past; nothing reads it.
 */
export function dropDraws(sequence: Sequence, count: number): void {
  const { past, samples, hasPending } = sequence;
  sequence.isDone = true;
  const dropped = samples.length - count;
  if (dropped === 0) return;
  const fed = hasPending ? dropped - 1 : dropped;
  samples.length = count;
  // The last token that stays was fed, and counts as not fed from now on.
  past.length -= fed + 1;
  sequence.hasPending = count > 0;
}

/** Takes the latest draw back, as if it had not been; it was not fed yet. */
export function forgetDraw(sequence: Sequence): Sample {
  sequence.hasPending = false;
  sequence.isDone = false;
  return sequence.samples.pop()!;
}
