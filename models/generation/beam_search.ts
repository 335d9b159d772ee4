/**
 * Beam search: several continuations of a prompt side by side, the best kept.
 * Beams share their past through the block tables; only a page that two of
 * them write on is copied.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import {
  BeamPool,
  type BeamRules,
  type Continuation,
  type EarlyStopping,
  type FinishedBeam,
} from "./beam_rules.ts";
import type { Engine } from "./engine.ts";
import { type Chunk, forgetDraw, type Sequence } from "./sequence.ts";

/** Most beams of a search. */
export const MOST_BEAMS = 8;

/** Continuations of each beam that are looked at: enough for stops and bans. */
export const BEAM_CANDIDATES = 20;

/** Options of `beamSearch`. */
export interface BeamOptions {
  /** Beams, 1 to 8. */
  readonly beams: number;
  /** Scores are divided by `tokens ** lengthPenalty`. Default 1. */
  readonly lengthPenalty?: number;
  /**
   * When to end before the limit: `true`, once there are as many finished texts
   * as beams; `false` (the default), once the best running beam scores worse
   * than all of them at its present length; `"never"`, once it can no longer
   * beat them at any length.
   */
  readonly earlyStopping?: EarlyStopping;
  /** How many texts to return, at most `beams`. Default 1. */
  readonly returned?: number;
  /** Ends the search at the next step, with what is finished. */
  readonly signal?: AbortSignal;
}

/** A beam at work. */
interface Beam {
  readonly sequence: Sequence;
  readonly tokens: readonly number[];
  readonly sum: number;
}

/**
 * Searches on from a prompt; gives the best texts, the best first, as
 * `transformers`' `generate` does. `sequence` must note `BEAM_CANDIDATES` of the
 * likeliest tokens (`topLogprobs`); its limit, stop tokens and bans count. It is
 * closed at the end, with all beams.
 *
 * @throws {RookeryError} `usage` for options out of range, or settings that
 * draw at random or change logits; `numeric` where logits go wrong; `memory`
 * beyond the budget
 */
export async function beamSearch(
  engine: Engine,
  sequence: Sequence,
  chunk: Chunk,
  options: BeamOptions,
): Promise<FinishedBeam[]> {
  let beams: Beam[] = [{ sequence, tokens: [], sum: 0 }];
  try {
    const rules = rulesOf(engine, sequence, chunk, options);
    const pool = new BeamPool(rules);
    const media = chunk.media.at(-1)!;
    await engine.step([{ sequence, chunk, draws: 1 }]);
    for (let length = 1;; length++) {
      const found = continuations(beams);
      const next = pool.take(found, length, (i) => beams[i]!.tokens);
      if (next.length === 0 || options.signal?.aborted) break;
      beams = await descend(engine, beams, next);
      await engine.step(beams.map(({ sequence, tokens }) => ({
        sequence,
        chunk: { tokens: tokens.slice(-1), media: [media] },
        draws: 1,
      })));
    }
    return pool.finished.slice(0, options.returned ?? 1);
  } finally {
    for (const { sequence } of beams) engine.close(sequence);
  }
}

/** All continuations of all beams, the best first. Their draws are forgotten. */
function continuations(beams: readonly Beam[]): Continuation[] {
  const found = beams.flatMap(({ sequence, sum }, parent) => {
    if (sequence.failure) throw sequence.failure;
    const { banned } = sequence.sampler;
    return forgetDraw(sequence).top!
      .filter(({ token }) => !banned.includes(token))
      .map(({ token, logprob }) => ({ parent, token, sum: sum + logprob }));
  });
  return found.sort((a, b) => b.sum - a.sum);
}

/**
 * The beams after a step: a parent's first child goes on in its sequence,
 * others in copies; parents without children are closed.
 */
async function descend(
  engine: Engine,
  parents: Beam[],
  next: readonly Continuation[],
): Promise<Beam[]> {
  const heirs = new Set(next.map(({ parent }) => parent));
  const given = new Set<number>();
  // Whoever fails half-way finds every open sequence among the parents.
  const open = parents.map(({ sequence }) => sequence);
  for (const [i, sequence] of open.entries()) {
    if (!heirs.has(i)) engine.close(sequence);
  }
  const beams: Beam[] = [];
  for (const { parent, token, sum } of next) {
    const { sequence, tokens } = parents[parent]!;
    const own = given.has(parent) ? await engine.fork(sequence) : sequence;
    if (given.has(parent)) parents.push({ sequence: own, tokens: [], sum });
    given.add(parent);
    beams.push({ sequence: own, tokens: [...tokens, token], sum });
  }
  return beams;
}

function rulesOf(
  engine: Engine,
  { sampler, past }: Sequence,
  { tokens }: Chunk,
  { beams, lengthPenalty = 1, earlyStopping = false, returned = 1 }:
    BeamOptions,
): BeamRules {
  const isBetween = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= most;
  const ruledOut = new Set([...sampler.stop, ...sampler.banned]).size;
  const checks: [what: string, isRight: boolean, rule: string][] = [
    [`${beams} beams`, isBetween(beams, MOST_BEAMS), `1 to ${MOST_BEAMS}`],
    [
      `${returned} texts of ${beams} beams`,
      isBetween(returned, beams),
      "1 to as many as beams",
    ],
    [
      `length penalty ${lengthPenalty}`,
      Number.isFinite(lengthPenalty),
      "a number",
    ],
    [
      `temperature ${sampler.temperature}`,
      sampler.temperature === 0,
      "0, as beams are not drawn at random",
    ],
    [
      "penalties or biases of tokens",
      sampler.repetitionPenalty === 1 && sampler.frequencyPenalty === 0 &&
      sampler.presencePenalty === 0 && sampler.logitBias.size === 0,
      "none; bans are possible",
    ],
    [
      `${ruledOut} different stops and bans`,
      ruledOut + beams <= BEAM_CANDIDATES,
      `at most ${BEAM_CANDIDATES} less the beams`,
    ],
    [
      `${sampler.topLogprobs} noted tokens`,
      sampler.topLogprobs === BEAM_CANDIDATES,
      `topLogprobs ${BEAM_CANDIDATES}`,
    ],
  ];
  for (const [what, isRight, rule] of checks) {
    if (isRight) continue;
    throw new RookeryError(
      "usage",
      `Cannot search beams with ${what}: it must be ${rule}`,
      { expected: rule, actual: what },
    );
  }
  const room = engine.context - past.length - tokens.length;
  const maxTokens = Math.min(sampler.maxTokens, room);
  const { stop } = sampler;
  return { beams, lengthPenalty, earlyStopping, maxTokens, stop };
}
