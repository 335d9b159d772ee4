/**
 * What a changing batch is worth: requests of different length side by side
 * and one after the other.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import type { Flamingo } from "../models/flamingo/flamingo.ts";
import { PromptScheduler } from "../models/flamingo/prompt_scheduler.ts";
import { throughputPolicy } from "../models/generation/schedule_policy.ts";
import { assemble } from "../plugins/assemble.ts";
import { smollm2Path } from "../tests/support/weights.ts";
import { type BenchRow, comparedRow } from "./row.ts";

const REPEATS = 5;
const WORDS = "A small fox and an old owl walked along the river at dawn";

/** Requests: words of the prompt, tokens to draw. */
const REQUESTS: readonly (readonly [words: number, draws: number])[] = [
  [3, 24],
  [12, 8],
  [6, 16],
  [9, 32],
  [4, 12],
  [12, 24],
  [5, 8],
  [8, 16],
];

/** Tokens a second of all requests together, prompts' times included. */
export async function benchBatch(device: Device): Promise<BenchRow[]> {
  using model = await assemble(await smollm2Path(), { device });
  const batch: number[] = [], alone: number[] = [];
  await timeBatch(model);
  await timeAlone(model);
  for (let i = 0; i < REPEATS; i++) {
    batch.push(await timeBatch(model));
    alone.push(await timeAlone(model));
  }
  const figures = { ours: batch, peers: { "one after the other": alone } };
  return [comparedRow("SmolLM2 8 requests in a batch", "tokens/s", figures)];
}

const TOKENS = REQUESTS.reduce((sum, [, draws]) => sum + draws, 0);

function promptOf(words: number): { text: string }[] {
  return [{ text: WORDS.split(" ").slice(0, words).join(" ") }];
}

async function timeBatch(model: Flamingo): Promise<number> {
  const begin = performance.now();
  const scheduler = new PromptScheduler(model, { policy: throughputPolicy() });
  await Promise.all(
    REQUESTS.map(([words, maxTokens]) =>
      scheduler.submit(promptOf(words), { maxTokens, stop: [] }).result
    ),
  );
  return 1000 * TOKENS / (performance.now() - begin);
}

async function timeAlone(model: Flamingo): Promise<number> {
  const begin = performance.now();
  for (const [words, maxTokens] of REQUESTS) {
    const settings = { maxTokens, stop: [] };
    for await (const _ of model.generate(promptOf(words), settings)) {
      // Only the time counts.
    }
  }
  return 1000 * TOKENS / (performance.now() - begin);
}
