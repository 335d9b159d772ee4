/**
 * What a model looked at for each word of a text: chances, runners-up, which
 * picture it read and where, and whether the picture speaks for the word.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Flamingo, OpenedPrompt } from "../flamingo/flamingo.ts";
import type { Media } from "../flamingo/media.ts";
import { PictureReader } from "../flamingo/picture_reader.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import { encodePrompt, type PromptItem } from "../flamingo/prompt.ts";
import { checkRoom } from "../generation/check_room.ts";
import type { ChunkObservation, NamedValues } from "../generation/observer.ts";
import { WEIGHT_PREFIX } from "../generation/stack.ts";
import { explainedWords } from "./explained_words.ts";
import type { ExplainedToken, ExplainedWord } from "./explained_words.ts";
import { groundTokens } from "./grounding.ts";
import { pictureView } from "./picture_view.ts";
import {
  type ChosenAttention,
  type PictureViews,
  readRegions,
} from "./read_regions.ts";
import { tokenChances } from "./token_chances.ts";

/** Options of `explain`. */
export interface ExplainOptions extends ChosenAttention {
  /** Runners-up of each token. Default 5. */
  readonly runnersUp?: number;
  /** Whether words are checked against the picture. Default true. */
  readonly isGrounded?: boolean;
  /** See `SUPPORT_THRESHOLD`, the default. */
  readonly threshold?: number;
  /** What the prompt goes on from; its pictures have no maps. */
  readonly prefix?: Prefix | undefined;
}

/** How far a gated block is open: means of `|tanh(α)|`, 0 … 1. */
export interface GateOpening {
  /** The layer that the block precedes. */
  readonly layer: number;
  /** Of its attention. */
  readonly attention: number;
  /** Of its feed-forward layer. */
  readonly dense: number;
}

/** An explained text. */
export interface Explanation {
  /** The text. */
  readonly text: string;
  /** Its words; a mark that ends the text is one of its own. */
  readonly words: readonly ExplainedWord[];
  /** Gates by depth; none where the model has none, or does not name them. */
  readonly gates: readonly GateOpening[];
}

/**
 * Explains a text after a prompt, given as text or, exactly as a model drew it,
 * as tokens. The text is run anew by programs of its own, so that generation
 * stays as it is. Maps are described in docs/seeing.md.
 *
 * @throws {RookeryError} `prompt` for a text without tokens or beyond the
 * context, `usage` for layers or heads that there are not
 */
export async function explain(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  said: string | readonly number[],
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { tokenizer, engine } = model;
  const ids = typeof said === "string" ? tokenizer.encode(said) : said;
  if (ids.length === 0) throw noTokens();
  const { runnersUp = 5, isGrounded = true, prefix } = options;
  const { sequence, chunk } = await model.open(items, {}, prefix);
  try {
    checkRoom(engine.context, sequence, chunk.tokens.length + ids.length - 1);
    const { seen, media } = await runText(model, { sequence, chunk }, ids);
    const views = await viewsOf(model, items, { media, prefix });
    const { eyes } = engine.stack;
    const regions = eyes ? readRegions(eyes, seen.values, views, options) : [];
    const chances = seen.logits.map((logits, i) =>
      tokenChances(logits, ids[i]!, runnersUp)
    );
    const scores = chances.map(({ logprob }) => logprob);
    const grounding = isGrounded && media > pictureCount(prefix)
      ? await groundTokens(model, items, ids, scores, prefix)
      : [];
    const tokens = ids.map((token, i): ExplainedToken => ({
      token,
      ...chances[i]!,
      regions: regions[i] ?? [],
      grounding: grounding[i],
    }));
    return {
      text: tokenizer.decode(ids),
      words: explainedWords(tokens, tokenizer, options.threshold),
      gates: gatesOf(model, seen.values),
    };
  } finally {
    engine.close(sequence);
  }
}

/** Feeds the prompt, then the text with everything named read off. */
async function runText(
  { engine }: Flamingo,
  { sequence, chunk }: Pick<OpenedPrompt, "sequence" | "chunk">,
  ids: readonly number[],
): Promise<{ readonly seen: ChunkObservation; readonly media: number }> {
  const last = chunk.tokens.length - 1;
  if (last > 0) {
    const before = {
      tokens: chunk.tokens.slice(0, last),
      media: chunk.media.slice(0, last),
    };
    await engine.step([{ sequence, chunk: before, draws: 0 }]);
  }
  // The place before a token is the one that foretold it.
  const tokens = [chunk.tokens[last]!, ...ids.slice(0, -1)];
  const media = chunk.media[last]!;
  const fed = { tokens, media: tokens.map(() => media) };
  const taps = ["media_query", "attention_gate", "dense_gate"]
    .map((label) => `${WEIGHT_PREFIX.crossAttention}*${label}`);
  const seen = await engine.observe((observer) =>
    observer.chunk(sequence, fed, taps)
  );
  return { seen, media };
}

/** The pictures that a text sees whose tokens come after `media` of them. */
async function viewsOf(
  { engine, image, tokenizer, marks }: Flamingo,
  items: readonly PromptItem<Media>[],
  { media, prefix }: {
    readonly media: number;
    readonly prefix: Prefix | undefined;
  },
): Promise<PictureViews> {
  const before = pictureCount(prefix);
  if (media <= before) return new Map();
  const { attendTo } = engine.stack.eyes!.crossAttention;
  if (attendTo === "all" && before > 0) throw notSeen();
  const first = attendTo === "all" ? 1 : media;
  const after = prefix?.sequence;
  const { pictures } = encodePrompt(items, tokenizer, marks, after);
  const reader = new PictureReader(image!, undefined);
  const views = new Map();
  for (let ordinal = first; ordinal <= media; ordinal++) {
    const place = ordinal - 1;
    const { pixels } = await reader.read(pictures[place - before]!, place);
    views.set(ordinal, await pictureView(engine, await pixels(), place));
  }
  return views;
}

function gatesOf({ engine }: Flamingo, values: NamedValues): GateOpening[] {
  const blocks = engine.stack.eyes?.crossAttention.blocks ?? [];
  return blocks.flatMap(({ layer, prefix }) => {
    const path = WEIGHT_PREFIX.crossAttention + prefix;
    const attention = values.get(`${path}attention_gate`);
    const dense = values.get(`${path}dense_gate`);
    if (attention === undefined || dense === undefined) return [];
    return [{
      layer,
      attention: meanSize(attention.values),
      dense: meanSize(dense.values),
    }];
  });
}

function meanSize(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) /
    values.length;
}

function pictureCount(prefix: Prefix | undefined): number {
  return prefix?.sequence.pictures.length ?? 0;
}

function notSeen(): RookeryError {
  return new RookeryError(
    "usage",
    "Cannot explain after a prefix as the model reads all pictures of a prompt, " +
      "and those of a prefix are gone: give its examples in the prompt",
  );
}

function noTokens(): RookeryError {
  return new RookeryError(
    "prompt",
    "Cannot explain a text without tokens: give some text",
  );
}
