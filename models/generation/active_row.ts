/**
 * A request in the batch: what of its prompt is fed, what it drew, when it is
 * over.
 *
 * @module
 */

import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { Tokenizer } from "../slots.ts";
import type { StepRow } from "./engine.ts";
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

  /** Its part of a step. */
  work({ feed, draws }: RowWork): StepRow {
    const { sequence } = this;
    if (feed === 0) return { sequence, draws };
    const { tokens, media } = this.#parts.chunk;
    const from = tokens.length - this.#unfed;
    const chunk = {
      tokens: tokens.slice(from, from + feed),
      media: media.slice(from, from + feed),
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
