/**
 * Captions and answers: one picture, some examples, a short text.
 *
 * @module
 */

import type { Flamingo } from "../flamingo/flamingo.ts";
import { generate, type GenerationTimes } from "../generation/generate.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";
import { buildShots, type Query, type Shot } from "./shots.ts";

/** A text about a picture. */
export interface Caption {
  /** The text, trimmed. */
  readonly text: string;
  /** Tokens drawn, the end mark included. */
  readonly tokens: number;
  /** Sum of the natural logarithms of the tokens' chances. */
  readonly logLikelihood: number;
  /** Milliseconds for pictures, prompt and drawing. */
  readonly ms: {
    readonly image: number;
    readonly prefill: number;
    readonly decode: number;
  };
}

/** Options of `describe`. */
export interface DescribeOptions extends SamplerSettings {
  /** Examples, in order. Default none. */
  readonly shots?: readonly Shot[];
  /** Called with text as it comes. */
  readonly onText?: (text: string) => void;
}

/** A caption of a picture, or the answer to a question about it. */
export async function describe(
  model: Flamingo,
  query: Query,
  options: DescribeOptions = {},
): Promise<Caption> {
  const { shots = [], onText, ...sampler } = options;
  const items = buildShots(model.style, shots, query);
  const settings = { maxTokens: 32, ...sampler };
  const { sequence, chunk, imageMs } = await model.open(items, settings);
  const { engine, tokenizer } = model;
  const times: GenerationTimes = { prefill: 0, decode: 0 };
  try {
    const pieces = generate(engine, sequence, chunk, tokenizer, { times });
    for await (const { text } of pieces) onText?.(text);
    return {
      text: model.textOf(sequence).trim(),
      tokens: sequence.samples.length,
      logLikelihood: sequence.samples.reduce((sum, s) => sum + s.logprob, 0),
      ms: { image: imageMs, ...times },
    };
  } finally {
    engine.close(sequence);
  }
}

/**
 * Texts for many queries at once, rows side by side; as `describe` gives them
 * one by one.
 */
export async function describeAll(
  model: Flamingo,
  queries: readonly {
    readonly query: Query;
    readonly shots?: readonly Shot[];
  }[],
  sampler: SamplerSettings = {},
): Promise<string[]> {
  const opened = [];
  try {
    for (const { query, shots = [] } of queries) {
      const items = buildShots(model.style, shots, query);
      opened.push(await model.open(items, { maxTokens: 32, ...sampler }));
    }
    let rows = opened.map(({ sequence, chunk }) => ({
      sequence,
      chunk,
      draws: 4,
    })) as Parameters<typeof model.engine.step>[0];
    while (rows.length > 0) {
      await model.engine.step(rows);
      rows = rows.filter(({ sequence }) => !sequence.isDone)
        .map(({ sequence }) => ({ sequence, draws: 4 }));
    }
    return opened.map(({ sequence }) => model.textOf(sequence).trim());
  } finally {
    for (const { sequence } of opened) model.engine.close(sequence);
  }
}
