/**
 * Captions and answers: one picture, some examples, a short text.
 *
 * @module
 */

import type { Flamingo, OpenedPrompt } from "../flamingo/flamingo.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import type { StepRow } from "../generation/engine.ts";
import { generate, type GenerationTimes } from "../generation/generate.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";
import { TextStream } from "../generation/text_stream.ts";
import type { Sample } from "../../ops/read_control_row.ts";
import { buildShots, type Query, type Shot } from "./shots.ts";

/** A text about a picture. */
export interface Caption {
  /** The text, trimmed. */
  readonly text: string;
  /** Tokens drawn, the end mark included. */
  readonly tokens: number;
  /** Sum of the natural logarithms of the tokens' chances. */
  readonly logLikelihood: number;
  /**
   * The tokens with their log-probabilities, and lists of the likeliest where
   * `topLogprobs` asks for them.
   */
  readonly samples: readonly Sample[];
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
  /** What comes before the shots, e.g. saved shots. Default nothing. */
  readonly prefix?: Prefix | undefined;
  /** Called with text as it comes. */
  readonly onText?: (text: string) => void;
}

/** A caption of a picture, or the answer to a question about it. */
export async function describe(
  model: Flamingo,
  query: Query,
  options: DescribeOptions = {},
): Promise<Caption> {
  const { shots = [], prefix, onText, ...sampler } = options;
  const items = buildShots(model.style, shots, query);
  const settings = { maxTokens: 32, ...sampler };
  const { sequence, chunk, imageMs, feedMs } = await model.open(
    items,
    settings,
    prefix,
  );
  const { engine, tokenizer } = model;
  const times: GenerationTimes = { prefill: 0, decode: 0 };
  try {
    const pieces = generate(engine, sequence, chunk, tokenizer, { times });
    for await (const { text } of pieces) onText?.(text);
    return {
      text: model.textOf(sequence).trim(),
      tokens: sequence.samples.length,
      logLikelihood: sequence.samples.reduce((sum, s) => sum + s.logprob, 0),
      samples: sequence.samples,
      ms: {
        image: imageMs,
        prefill: feedMs + times.prefill,
        decode: times.decode,
      },
    };
  } finally {
    engine.close(sequence);
  }
}

/** Tokens that rows side by side draw between two readbacks. */
const DRAWS = 4;

/**
 * Texts for many queries at once, rows side by side; as `describe` gives them
 * one by one.
 *
 * @throws {RookeryError} the `failure` of a query whose logits went wrong,
 * when all are done
 */
export async function describeAll(
  model: Flamingo,
  queries: readonly {
    readonly query: Query;
    readonly shots?: readonly Shot[];
  }[],
  sampler: SamplerSettings = {},
): Promise<string[]> {
  const opened: OpenedPrompt[] = [];
  try {
    for (const { query, shots = [] } of queries) {
      const items = buildShots(model.style, shots, query);
      opened.push(await model.open(items, { maxTokens: 32, ...sampler }));
    }
    await drawAll(model, opened);
    return opened.map(({ sequence }) => {
      if (sequence.failure) throw sequence.failure;
      return model.textOf(sequence).trim();
    });
  } finally {
    for (const { sequence } of opened) model.engine.close(sequence);
  }
}

/** Steps all prompts until each is done, stop strings included. */
async function drawAll(
  { engine, tokenizer }: Flamingo,
  opened: readonly OpenedPrompt[],
): Promise<void> {
  let rows = opened.map(({ sequence, chunk }) => ({
    row: { sequence, chunk, draws: DRAWS } as StepRow,
    stream: new TextStream(sequence, tokenizer),
  }));
  while (rows.length > 0) {
    await engine.step(rows.map(({ row }) => row));
    rows.forEach(({ stream }) => stream.take());
    rows = rows.filter(({ row }) => !row.sequence.isDone)
      .map(({ row: { sequence }, stream }) => ({
        row: { sequence, draws: DRAWS },
        stream,
      }));
  }
}
