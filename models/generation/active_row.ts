/**
 * A request in the batch: what of its prompt is fed, what it drew, when it is
 * over.
 *
 * @module
 */

import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { Tokenizer } from "../slots.ts";
import type { StepRow } from "./feed_row.ts";
import type { ActiveRequest, RowWork } from "./schedule_policy.ts";
import type { ScheduledText } from "./scheduled_text.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import { TextStream } from "./text_stream.ts";

/** What a row is made of. */
export interface ActiveRowParts {
  /** Number of the request. */
  readonly id: number;
  /** Where its text goes. */
  readonly text: ScheduledText;
  /** Its sequence. */
  readonly sequence: Sequence;
  /** Its prompt. */
  readonly chunk: Chunk;
  /** Ends it at the next step. */
  readonly signal: AbortSignal | undefined;
}

/** What a step is to do with a row. */
export interface RowPlan {
  /** The row. */
  readonly row: ActiveRow;
  /** Tokens of its prompt that are fed at the end of the step. */
  readonly until: number;
  /** Tokens to draw. */
  readonly draws: number;
}

/** A request in the batch. */
export class ActiveRow {
  /** Number of the request. */
  readonly id: number;
  /** Its sequence. */
  readonly sequence: Sequence;
  readonly #parts: ActiveRowParts;
  readonly #stream: TextStream;
  /** Tokens that the sequence had before the prompt. */
  readonly #start: number;
  #error: unknown;

  /** Nothing of the prompt is fed yet. */
  constructor(parts: ActiveRowParts, tokenizer: Tokenizer) {
    this.id = parts.id;
    this.sequence = parts.sequence;
    this.#parts = parts;
    this.#stream = new TextStream(parts.sequence, tokenizer);
    this.#start = parts.sequence.past.length;
  }

  /** What a policy sees of it. */
  view(context: number): ActiveRequest {
    const { past, samples, sampler } = this.sequence;
    const unfed = this.#unfed;
    const room = context - past.length - unfed;
    const undrawn = Math.min(sampler.maxTokens - samples.length, room);
    return { id: this.id, unfed, undrawn };
  }

  /** What a step is to do with it. */
  plan({ feed, draws }: RowWork): RowPlan {
    const { length } = this.#parts.chunk.tokens;
    return { row: this, until: length - this.#unfed + feed, draws };
  }

  /**
   * Its part of a step, or what is left of it after a step that failed: tokens
   * of the prompt up to `until`, none of them twice.
   */
  work({ until, draws }: RowPlan): StepRow {
    const { sequence } = this;
    const { tokens, media } = this.#parts.chunk;
    const from = tokens.length - this.#unfed;
    if (from >= until) return { sequence, draws };
    const chunk = {
      tokens: tokens.slice(from, until),
      media: media.slice(from, until),
    };
    return { sequence, chunk, draws };
  }

  /** Tokens that it may still take of the pages that are free. */
  promised(context: number): number {
    const { past, samples, sampler, pages } = this.sequence;
    const undrawn = sampler.maxTokens - samples.length;
    const most = Math.min(context, past.length + this.#unfed + undrawn + 1);
    return Math.max(0, most - pages.length * PAGE_SLOTS);
  }

  /** Ends it with an error of its own. */
  fail(error: unknown): void {
    this.#error = error;
  }

  /** Hands its text on; whether it is over. */
  report(context: number): boolean {
    const { text, signal } = this.#parts;
    const { sequence } = this;
    text.push(this.#stream.take());
    const error = this.#error ?? sequence.failure;
    const isOver = error !== undefined || sequence.isDone ||
      (signal?.aborted ?? false) || sequence.past.length >= context;
    if (!isOver) return false;
    text.push({ text: this.#stream.end(), tokens: 0, samples: [] });
    text.end(error);
    return true;
  }

  /** A step that failed half-way may have fed some of what it was given. */
  get #unfed(): number {
    const { past, samples } = this.sequence;
    const fed = past.length - this.#start;
    return samples.length > 0
      ? 0
      : Math.max(0, this.#parts.chunk.tokens.length - fed);
  }
}
