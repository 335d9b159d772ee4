/**
 * Text from a prompt, as a stream: a short client of the engine.
 *
 * @module
 */

import type { Tokenizer } from "../slots.ts";
import type { Engine } from "./engine.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import { type GeneratedPiece, TextStream } from "./text_stream.ts";

/** How long a block of steps should take; one readback costs 11 ms or more. */
const BLOCK_MS = 100;

/** Most steps between two readbacks. */
const MOST_STEPS = 32;

/** Times of a generation, in milliseconds. */
export interface GenerationTimes {
  /** From the start to the first token. */
  prefill: number;
  /** From the first token to the last. */
  decode: number;
}

/** Options of `generate`. */
export interface GenerateOptions {
  /** Filled with times while the generation runs. */
  readonly times?: GenerationTimes;
  /** Ends the generation at the next block. */
  readonly signal?: AbortSignal;
}

/**
 * Feeds `chunk` to a sequence and draws until it is done; yields text as it
 * becomes certain. Stop tokens and stop strings are not part of the text.
 *
 * @throws {RookeryError} the sequence's `failure`, after the text before it
 */
export async function* generate(
  engine: Engine,
  sequence: Sequence,
  chunk: Chunk,
  tokenizer: Tokenizer,
  options: GenerateOptions = {},
): AsyncGenerator<GeneratedPiece> {
  const { times = { prefill: 0, decode: 0 }, signal } = options;
  const stream = new TextStream(sequence, tokenizer);
  const begin = performance.now();
  await engine.step([{ sequence, chunk, draws: 1 }]);
  times.prefill = performance.now() - begin;
  yield stream.take();
  let steps = 2;
  while (!sequence.isDone && !signal?.aborted) {
    const room = engine.context - sequence.past.length;
    const start = performance.now();
    await engine.step([{ sequence, draws: Math.min(steps, room) }]);
    const ms = performance.now() - start;
    times.decode += ms;
    steps = Math.min(MOST_STEPS, 2 * steps, Math.ceil(steps * BLOCK_MS / ms));
    yield stream.take();
    if (sequence.past.length >= engine.context) break;
  }
  const text = stream.end();
  if (text !== "") yield { text, tokens: 0, samples: [] };
  if (sequence.failure) throw sequence.failure;
}
