/**
 * What demonstrations cost, before they are read.
 *
 * @module
 */

import type { Flamingo } from "../../flamingo/flamingo.ts";
import { encodePrompt } from "../../flamingo/prompt.ts";
import { PAGE_SLOTS } from "../../../ops/cache_type.ts";
import { describe } from "../caption.ts";
import type { Shot } from "../shot.ts";
import { shotItems } from "../shots.ts";

/** Time that parts of a prompt take. */
export interface PromptRates {
  /** Milliseconds a picture, from its pixels to keys and values. */
  readonly msPerPicture: number;
  /** Milliseconds a token of a prompt. */
  readonly msPerToken: number;
}

/** Cost of demonstrations, read once. */
export interface PromptCost {
  /** Pictures that are encoded. */
  readonly pictures: number;
  /** Tokens, marks included. */
  readonly tokens: number;
  /** Pages of keys and values, of 16 tokens. */
  readonly pages: number;
  /** Bytes of these pages, and of pictures that later tokens may see. */
  readonly bytes: number;
  /** Predicted milliseconds; undefined where no rates are given. */
  readonly ms?: number;
}

/** Counts what demonstrations take; no picture is read. */
export function promptCost(
  model: Flamingo,
  shots: readonly Shot[],
  rates?: PromptRates,
): PromptCost {
  const { engine, tokenizer, marks, style } = model;
  const prompt = encodePrompt(shotItems(style, shots), tokenizer, marks);
  const pages = Math.ceil(prompt.tokens.length / PAGE_SLOTS);
  const memory = engine.memory();
  const perToken = memory.pages.bytes / Math.max(1, memory.pages.size);
  const perPicture = memory.media.bytes / Math.max(1, memory.media.size);
  const isLatest = engine.stack.eyes?.crossAttention.attendTo === "latest";
  const pictures = prompt.pictures.length;
  const seen = isLatest ? Math.min(1, pictures) : pictures;
  const cost = {
    pictures,
    tokens: prompt.tokens.length,
    pages,
    bytes: pages * PAGE_SLOTS * perToken + seen * perPicture,
  };
  if (rates === undefined) return cost;
  const { msPerPicture, msPerToken } = rates;
  return { ...cost, ms: pictures * msPerPicture + cost.tokens * msPerToken };
}

/**
 * Measures a model on two demonstrations of noise and a query, twice: programs
 * are made at first. Attention's growth with length is not in these rates.
 *
 * @throws {RookeryError} as `describe`
 */
export async function measurePromptRates(
  model: Flamingo,
): Promise<PromptRates> {
  const text = "a picture of some things on a plain ground";
  let rates: PromptRates = { msPerPicture: 0, msPerToken: 0 };
  for (const round of [0, 1]) {
    const [first, second, image] = [0, 1, 2].map((i) => noise(3 * round + i));
    const shots = [{ image: first!, text }, { image: second!, text }];
    const query = { image: image! };
    const { ms } = await describe(model, query, { shots, maxTokens: 1 });
    const { tokens } = promptCost(model, shots);
    rates = { msPerPicture: ms.image / 3, msPerToken: ms.prefill / tokens };
  }
  return rates;
}

/** A picture that no cache knows. */
function noise(seed: number) {
  const side = 32;
  const data = new Uint8Array(side * side * 4).fill(255);
  let state = seed + 1;
  for (let i = 0; i < data.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    if (i % 4 < 3) data[i] = state >>> 24;
  }
  return { width: side, height: side, data };
}
