/**
 * Policies: what a batch of changing rows does in its next step. A policy sees
 * counts, never tokens, so that one's own is a few lines.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { MOST_CHUNK_TOKENS } from "./buckets.ts";

/** A request that takes part in steps. */
export interface ActiveRequest {
  /** Number of the request, rising with its place in line. */
  readonly id: number;
  /** Tokens of its prompt that are not fed yet; 0 while it draws. */
  readonly unfed: number;
  /** Tokens that it may still draw. */
  readonly undrawn: number;
}

/** What a policy decides by. */
export interface ScheduleView {
  /** Requests in the batch, in order of arrival; at least one. */
  readonly active: readonly ActiveRequest[];
  /** Requests in line. */
  readonly waiting: number;
  /** Time of the last steps that drew, in milliseconds a token; 0 at first. */
  readonly drawMs: number;
}

/** What the next step does with a request. */
export interface RowWork {
  /** Number of the request. */
  readonly id: number;
  /** Tokens of its prompt to feed, 0 for none. */
  readonly feed: number;
  /** Tokens to draw; only a request whose prompt is fed, now at last, draws. */
  readonly draws: number;
}

/** Decides what a step does. */
export interface SchedulePolicy {
  /** Name for reports. */
  readonly name: string;
  /** The next step: at least one request does something. */
  next(view: ScheduleView): readonly RowWork[];
}

/** Options of `fairPolicy`. */
export interface FairOptions {
  /** Most prompt tokens of a step while others draw. Default 64. */
  readonly feedTokens?: number;
  /** How long a step draws, about, in milliseconds. Default 100. */
  readonly blockMs?: number;
}

/** Most tokens that a row draws in a step. */
const MOST_DRAWS = 32;

/**
 * Streams do not stall: every step draws for all who can, and feeds a bounded
 * number of prompt tokens, the oldest request first.
 *
 * @throws {RookeryError} `usage` for options that are not positive
 */
export function fairPolicy(options: FairOptions = {}): SchedulePolicy {
  const { feedTokens = 64, blockMs = 100 } = options;
  checkPositive("feedTokens", feedTokens);
  checkPositive("blockMs", blockMs);
  return {
    name: "fair",
    next(view) {
      const drawing = view.active.some(({ unfed }) => unfed === 0);
      const most = drawing ? feedTokens : MOST_CHUNK_TOKENS;
      // A prompt in line waits for the block to end: blocks are short then.
      const isBusy = view.waiting > 0 ||
        view.active.some(({ unfed }) => unfed > 0);
      const steps = blockSteps(view.drawMs, isBusy ? blockMs / 2 : blockMs);
      return share(view.active, most).map((work) => ({
        ...work,
        draws: Math.min(work.draws, steps),
      }));
    },
  };
}

/** Prompts first, then everybody draws in long blocks: most tokens a second. */
export function throughputPolicy(): SchedulePolicy {
  return {
    name: "throughput",
    next({ active }) {
      const feeding = active.filter(({ unfed }) => unfed > 0);
      if (feeding.length === 0) {
        return active.map(({ id, undrawn }) => (
          { id, feed: 0, draws: Math.min(MOST_DRAWS, undrawn) }
        ));
      }
      return share(feeding, MOST_CHUNK_TOKENS).filter(({ feed }) => feed > 0)
        .map((work) => ({ ...work, draws: Math.min(1, work.draws) }));
    },
  };
}

/** Hands out prompt tokens in order; who is fed to the end may draw. */
function share(active: readonly ActiveRequest[], most: number): RowWork[] {
  let left = most;
  return active.map(({ id, unfed, undrawn }) => {
    const feed = Math.min(unfed, left);
    left -= feed;
    return { id, feed, draws: feed === unfed ? undrawn : 0 };
  }).filter(({ feed, draws }) => feed > 0 || draws > 0);
}

/** Steps that take about so long; few while nobody knows. */
function blockSteps(drawMs: number, blockMs: number): number {
  if (drawMs === 0) return 2;
  return Math.min(MOST_DRAWS, Math.max(1, Math.round(blockMs / drawMs)));
}

function checkPositive(name: string, value: number): void {
  if (value > 0) return;
  throw new RookeryError(
    "usage",
    `Cannot make a policy with ${name} ${value}: it must be over 0`,
    { path: name, expected: "over 0", actual: value },
  );
}
