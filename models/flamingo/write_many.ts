/**
 * Several texts after one prompt: the best by beam search, or samples that
 * share its past.
 *
 * @module
 */

import {
  BEAM_CANDIDATES,
  type BeamOptions,
  beamSearch,
} from "../generation/beam_search.ts";
import { RookeryError } from "../../core/errors.ts";
import { MOST_ROWS } from "../generation/buckets.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";
import type { Chunk, Sequence } from "../generation/sequence.ts";
import { throughputPolicy } from "../generation/schedule_policy.ts";
import { Scheduler } from "../generation/scheduler.ts";
import { cutAtStop } from "../generation/stop_strings.ts";
import type { Flamingo } from "./flamingo.ts";
import type { Media } from "./media.ts";
import type { Prefix } from "./prefix.ts";
import type { PromptItem } from "./prompt.ts";

/** One of several texts. */
export interface WrittenText {
  /** The text, without stop tokens and stop strings. */
  readonly text: string;
  /** Tokens drawn, a stop token included. */
  readonly tokens: number;
  /** Sum of their log-probabilities. */
  readonly logLikelihood: number;
  /** What a beam search ranks by; for samples the same as `logLikelihood`. */
  readonly score: number;
}

/** Options of `writeSamples`. */
export interface SampleOptions {
  /** How many texts, 1 to 64. */
  readonly count: number;
  /** What comes before the prompt, e.g. saved shots. Default nothing. */
  readonly prefix?: Prefix | undefined;
}

/**
 * The best texts after a prompt by beam search, the best first. A text ends at
 * its first stop string, though the search goes on behind it.
 *
 * @throws {RookeryError} as `beamSearch` and `Flamingo.open`
 */
export async function writeBeams(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  settings: SamplerSettings,
  options: BeamOptions & { readonly prefix?: Prefix | undefined },
): Promise<WrittenText[]> {
  const { engine, tokenizer } = model;
  const noted = { ...settings, topLogprobs: BEAM_CANDIDATES };
  const { sequence, chunk } = await model.open(
    items,
    noted,
    options.prefix,
  );
  const { stop, stopStrings } = sequence.sampler;
  const found = await beamSearch(engine, sequence, chunk, options);
  return found.map(({ tokens, sum, score }) => {
    const ids = tokens.filter((token) => !stop.includes(token));
    return {
      text: cutAtStop(tokenizer.decode(ids), stopStrings),
      tokens: tokens.length,
      logLikelihood: sum,
      score,
    };
  });
}

/**
 * `count` texts after one prompt, with seeds `seed`, `seed + 1` …; each is the
 * text that its seed gives alone. The prompt is fed once.
 *
 * @throws {RookeryError} `usage` for an impossible count, `numeric` where
 * logits go wrong, and as `Flamingo.open`
 */
export async function writeSamples(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  settings: SamplerSettings,
  { count, prefix }: SampleOptions,
): Promise<WrittenText[]> {
  checkCount(count);
  const { engine, tokenizer } = model;
  const { sequence, chunk } = await model.open(
    items,
    settings,
    prefix,
  );
  const all: Sequence[] = [sequence];
  try {
    const last = chunk.tokens.length - 1;
    const part = (from: number, to: number): Chunk => ({
      tokens: chunk.tokens.slice(from, to),
      media: chunk.media.slice(from, to),
    });
    if (last > 0) {
      await engine.step([{ sequence, chunk: part(0, last), draws: 0 }]);
    }
    const { sampler } = sequence;
    for (let i = 1; i < count; i++) {
      const seed = (sampler.seed + i) % 2 ** 32;
      const fork = await engine.fork(sequence);
      all.push({ ...fork, sampler: { ...sampler, seed } });
    }
    const policy = throughputPolicy();
    const scheduler = new Scheduler(engine, tokenizer, { policy });
    const end = part(last, last + 1);
    const results = await Promise.all(
      all.map((each) =>
        scheduler.submit({
          tokens: 1,
          maxTokens: sampler.maxTokens,
          pictures: 0,
          open: () => Promise.resolve({ sequence: each, chunk: end }),
        }).result
      ),
    );
    return results.map(({ text, tokens }, i) => {
      const logLikelihood = all[i]!.samples.reduce(
        (sum, { logprob }) => sum + logprob,
        0,
      );
      return { text, tokens, logLikelihood, score: logLikelihood };
    });
  } finally {
    for (const each of all) engine.close(each);
  }
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_ROWS) return;
  throw new RookeryError(
    "usage",
    `Cannot write ${count} samples of a prompt: use 1 to ${MOST_ROWS}`,
    { expected: MOST_ROWS, actual: count },
  );
}
