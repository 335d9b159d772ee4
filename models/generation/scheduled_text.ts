/**
 * The text of a scheduled request, on its way from the scheduler to its
 * reader.
 *
 * @module
 */

import type { GeneratedPiece } from "./text_stream.ts";

/** What became of a request. */
export interface ScheduledResult {
  /** Its text, without stop tokens and stop strings. */
  readonly text: string;
  /** Tokens drawn. */
  readonly tokens: number;
  /** From `submit` to the first token, in milliseconds, waiting included. */
  readonly firstMs: number;
  /** From `submit` to the end, in milliseconds. */
  readonly totalMs: number;
}

/** A request's text as it comes; read it, or wait for `result`. */
export class ScheduledText implements AsyncIterable<GeneratedPiece> {
  /** Settles when the request ends; rejects with what it failed by. */
  readonly result: Promise<ScheduledResult>;
  readonly #pieces: GeneratedPiece[] = [];
  readonly #settle: PromiseWithResolvers<ScheduledResult>;
  readonly #begin = performance.now();
  #firstMs = 0;
  #text = "";
  #tokens = 0;
  #isOver = false;
  /** Wakes the readers that wait for a piece. */
  #news = Promise.withResolvers<void>();

  /** Nothing came yet. */
  constructor() {
    this.#settle = Promise.withResolvers();
    this.result = this.#settle.promise;
    // Whoever reads pieces gets the error there, and may ignore the result.
    this.result.catch(() => {});
  }

  /** Takes a piece from the scheduler. */
  push(piece: GeneratedPiece): void {
    if (piece.tokens > 0 && this.#tokens === 0) {
      this.#firstMs = performance.now() - this.#begin;
    }
    this.#text += piece.text;
    this.#tokens += piece.tokens;
    if (piece.text === "" && piece.tokens === 0) return;
    this.#pieces.push(piece);
    this.#wake();
  }

  /** Ends the text, with an error where it failed. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error !== undefined) this.#settle.reject(error);
    else {
      this.#settle.resolve({
        text: this.#text,
        tokens: this.#tokens,
        firstMs: this.#firstMs,
        totalMs: performance.now() - this.#begin,
      });
    }
    this.#wake();
  }

  /** All pieces from the first on; throws what the request failed by. */
  async *[Symbol.asyncIterator](): AsyncGenerator<GeneratedPiece> {
    for (let at = 0;; at++) {
      while (at === this.#pieces.length && !this.#isOver) {
        await this.#news.promise;
      }
      if (at === this.#pieces.length) break;
      yield this.#pieces[at]!;
    }
    await this.result;
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
