/**
 * Captions and answers: one picture, some examples, a short text.
 *
 * @module
 */

import type { Flamingo, OpenedPrompt } from "../flamingo/flamingo.ts";
import type { Media } from "../flamingo/media.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import type { PromptItem } from "../flamingo/prompt.ts";
import type { TaskSettings } from "../flamingo/prompt_style.ts";
import type { StepRow } from "../generation/feed_row.ts";
import { generate, type GenerationTimes } from "../generation/generate.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";
import { writeBeams } from "../flamingo/write_many.ts";
import { TextStream } from "../generation/text_stream.ts";
import type { Sample } from "../../ops/read_control_row.ts";
import type { Query, Shot } from "./shot.ts";
import { taskPrompt } from "./task_prompt.ts";

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
   * `topLogprobs` asks for them; none for a beam search.
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
  /**
   * Beams of the search; 1 for none. Default those of the model's prompt style,
   * where nothing else is said about how tokens are drawn.
   */
  readonly beams?: number;
  /** With beams, scores are divided by `tokens ** lengthPenalty`. */
  readonly lengthPenalty?: number;
  /** Whether the examples' pictures are left out, as the paper does at 0 shots. */
  readonly isTextOnly?: boolean;
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
  const { shots = [], prefix, onText, isTextOnly = false, ...own } = options;
  const { style } = model;
  const { items, settings: usual } = taskPrompt({
    style,
    shots,
    query,
    isTextOnly,
  });
  const { beams, lengthPenalty, ...settings } = drawnAs(usual, own);
  if (beams > 1) {
    const search = { beams, lengthPenalty, prefix };
    return await searched(model, items, settings, { ...search, onText });
  }
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

/** Settings that a search by beams does not go with. */
const DRAWN_BY: readonly (keyof SamplerSettings)[] = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "topLogprobs",
];

/** How a text is drawn: what the caller says, then what the style does. */
function drawnAs(
  usual: TaskSettings,
  own: SamplerSettings & Pick<DescribeOptions, "beams" | "lengthPenalty">,
): SamplerSettings & { beams: number; lengthPenalty: number } {
  const isOwn = DRAWN_BY.some((key) => own[key] !== undefined) ||
    biasCount(own.logitBias) > 0;
  return {
    maxTokens: 32,
    lengthPenalty: 1,
    ...usual,
    ...own,
    beams: own.beams ?? (isOwn ? 1 : usual.beams ?? 1),
  };
}

function biasCount(biases: SamplerSettings["logitBias"] = {}): number {
  return biases instanceof Map ? biases.size : Object.keys(biases).length;
}

/** The best text of a search by beams. */
async function searched(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  settings: SamplerSettings,
  { onText, ...search }: {
    readonly beams: number;
    readonly lengthPenalty: number;
    readonly prefix: Prefix | undefined;
    readonly onText: ((text: string) => void) | undefined;
  },
): Promise<Caption> {
  const begin = performance.now();
  const [best] = await writeBeams(model, items, settings, search);
  const text = best!.text.trim();
  onText?.(text);
  return {
    text,
    tokens: best!.tokens,
    logLikelihood: best!.logLikelihood,
    samples: [],
    ms: { image: 0, prefill: 0, decode: performance.now() - begin },
  };
}

/** Tokens that rows side by side draw between two readbacks. */
const DRAWS = 4;

/**
 * Texts for many queries at once, rows side by side; as `describe` gives them
 * one by one without beams.
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
  const { style } = model;
  try {
    for (const { query, shots = [] } of queries) {
      const { items, settings: usual } = taskPrompt({ style, shots, query });
      const { beams: _, lengthPenalty: __, ...settings } = usual;
      opened.push(
        await model.open(items, { maxTokens: 32, ...settings, ...sampler }),
      );
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
