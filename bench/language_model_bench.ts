/**
 * Prefill and decode of the default language model, from its pinned file.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import type { Engine } from "../models/generation/engine.ts";
import { assemble } from "../plugins/assemble.ts";
import { smollm2Path } from "../tests/support/weights.ts";
import { type BenchRow, ownRow } from "./row.ts";

const REPEATS = 5;
const PROMPT_TOKENS = 128;
const DRAWN_TOKENS = 48;

/** Tokens a second of a 128-token prompt, and of drawing after 32 tokens. */
export async function benchLanguageModel(device: Device): Promise<BenchRow[]> {
  using model = await assemble(await smollm2Path(), { device });
  const { engine } = model;
  await timePrompt(engine, PROMPT_TOKENS);
  await timeDrawing(engine);
  const prefill: number[] = [], decode: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    prefill.push(await timePrompt(engine, PROMPT_TOKENS));
    decode.push(await timeDrawing(engine));
  }
  return [
    ownRow(`SmolLM2-135M Q4_1 prefill ${PROMPT_TOKENS}`, "tokens/s", prefill),
    ownRow("SmolLM2-135M Q4_1 decode at 32", "tokens/s", decode),
  ];
}

/** Any tokens will do: the work does not depend on them. */
function promptOf(length: number): { tokens: number[]; media: number[] } {
  const tokens = Array.from({ length }, (_, i) => 1000 + 7 * i);
  return { tokens, media: tokens.map(() => 0) };
}

async function timePrompt(engine: Engine, length: number): Promise<number> {
  const sequence = engine.open();
  const start = performance.now();
  await engine.step([{ sequence, chunk: promptOf(length), draws: 1 }]);
  const ms = performance.now() - start;
  engine.close(sequence);
  return 1000 * length / ms;
}

async function timeDrawing(engine: Engine): Promise<number> {
  const sequence = engine.open({ maxTokens: DRAWN_TOKENS + 1 });
  await engine.step([{ sequence, chunk: promptOf(32), draws: 1 }]);
  const start = performance.now();
  await engine.step([{ sequence, draws: DRAWN_TOKENS }]);
  const ms = performance.now() - start;
  engine.close(sequence);
  return 1000 * DRAWN_TOKENS / ms;
}
