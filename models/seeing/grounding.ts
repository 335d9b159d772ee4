/**
 * How much a picture has to do with a text: its likelihood with the picture
 * against that without.
 *
 * @module
 */

import { framesOf, type Media } from "../flamingo/media.ts";
import type { Flamingo } from "../flamingo/flamingo.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import { encodePrompt, type PromptItem } from "../flamingo/prompt.ts";
import { blankPicture } from "../tasks/classify.ts";

/** What a picture adds to the log-likelihood of a token, or of a word. */
export interface Grounding {
  /** Against the same tokens with all gates closed: the language model alone. */
  readonly overClosed: number;
  /** Against the same prompt with an even grey picture in its place. */
  readonly overBlank: number;
}

/**
 * Grounding below which a word counts as not supported by its picture, in nats
 * over a blank picture: at 0 the picture speaks neither for the word nor against
 * it.
 */
export const SUPPORT_THRESHOLD = 0;

/**
 * Log-likelihoods of a text's tokens after a prompt.
 *
 * @param isClosed without gated blocks: pictures are not read at all, and what
 * is left is the language model, bit for bit as with gates at 0
 */
export async function tokenScores(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  targets: readonly number[],
  { isClosed = false, prefix }: {
    readonly isClosed?: boolean;
    readonly prefix?: Prefix | undefined;
  } = {},
): Promise<Float32Array> {
  const { engine } = model;
  if (isClosed) return await closedScores(model, items, targets, prefix);
  const { sequence, chunk } = await model.open(items, {}, prefix);
  try {
    const last = chunk.tokens.length - 1;
    if (last > 0) {
      const before = {
        tokens: chunk.tokens.slice(0, last),
        media: chunk.media.slice(0, last),
      };
      await engine.step([{ sequence, chunk: before, draws: 0 }]);
    }
    const tokens = [chunk.tokens[last]!, ...targets.slice(0, -1)];
    const media = tokens.map(() => chunk.media[last]!);
    const row = { sequence, chunk: { tokens, media }, targets };
    return await engine.observe((observer) => observer.score(row));
  } finally {
    engine.close(sequence);
  }
}

async function closedScores(
  { engine, tokenizer, marks }: Flamingo,
  items: readonly PromptItem<Media>[],
  targets: readonly number[],
  prefix: Prefix | undefined,
): Promise<Float32Array> {
  const after = prefix?.sequence;
  const own = encodePrompt(items, tokenizer, marks, after).tokens;
  const prompt = [...after?.past ?? [], ...own];
  const tokens = [...prompt, ...targets.slice(0, -1)];
  const chunk = { tokens, media: tokens.map(() => 0) };
  // Chances of the prompt's own tokens come with them, and are left.
  const wanted = [...prompt.slice(1), ...targets];
  const sequence = engine.open();
  try {
    const scores = await engine.observe((observer) =>
      observer.score({ sequence, chunk, targets: wanted }, { isClosed: true })
    );
    return scores.slice(-targets.length);
  } finally {
    engine.close(sequence);
  }
}

/**
 * Grounding of each token, where its log-likelihoods are known.
 *
 * @param items the last picture among them is the one that matters
 * @param scores those of `targets` after `items`
 */
export async function groundTokens(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  targets: readonly number[],
  scores: ArrayLike<number>,
  prefix?: Prefix | undefined,
): Promise<Grounding[]> {
  const score = (items: readonly PromptItem<Media>[], isClosed: boolean) =>
    tokenScores(model, items, targets, { isClosed, prefix });
  const closed = await score(items, true);
  const blank = await score(await blanked(model, items), false);
  return targets.map((_, i) => ({
    overClosed: scores[i]! - closed[i]!,
    overBlank: scores[i]! - blank[i]!,
  }));
}

/** The prompt with its last picture or video blank, all its frames. */
async function blanked(
  { image }: Flamingo,
  items: readonly PromptItem<Media>[],
): Promise<PromptItem<Media>[]> {
  const isPicture = (item: PromptItem<Media>) =>
    "image" in item || "video" in item || "frames" in item;
  const at = items.findLastIndex(isPicture), last = items[at];
  if (last === undefined || "text" in last || "endOfChunk" in last) {
    return [...items];
  }
  const frames = await framesOf(last, image!);
  const blank = frames.length === 1
    ? { image: blankPicture() }
    : { frames: frames.map(() => blankPicture()) };
  return items.with(at, blank);
}
