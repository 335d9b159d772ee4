/**
 * Ranks texts after many prompts at once. The examples of a request are read
 * once, its pictures and texts go on from there side by side.
 *
 * @module
 */

import {
  buildShots,
  type Chunk,
  encodePrompt,
  type Flamingo,
  outputText,
  scoreAfter,
  type Sequence,
} from "../mod.ts";
import type { RankRequest } from "./subject.ts";

/** More choices than this are scored prompt by prompt. */
const MANY_CHOICES = 16;

/** A prompt without its last token, which is fed with each text. */
interface Opened {
  readonly sequence: Sequence;
  readonly last: Chunk;
}

interface Row {
  readonly sequence: Sequence;
  readonly chunk: Chunk;
  readonly targets: readonly number[];
}

/**
 * Mean log-likelihood a token, the end mark included:
 * [request][image][choice].
 */
export async function rankPrompts(
  model: Flamingo,
  requests: readonly RankRequest[],
): Promise<number[][][]> {
  if (requests.length === 0) return [];
  const held: Sequence[] = [];
  try {
    const opened = await openAll(model, requests, held);
    const lengths = requests.map(({ choices }) => choices.length);
    return Math.max(...lengths) > MANY_CHOICES
      ? await scoreEach(model, requests, opened)
      : await scoreTogether(model, requests, opened, held);
  } finally {
    for (const sequence of held) model.engine.close(sequence);
  }
}

/** Every prompt on its own: its choices alone fill the device. */
async function scoreEach(
  model: Flamingo,
  requests: readonly RankRequest[],
  opened: readonly Opened[][],
): Promise<number[][][]> {
  const means: number[][][] = [];
  for (const [i, request] of requests.entries()) {
    const targets = targetsOf(model, request);
    means.push([]);
    for (const { sequence, last } of opened[i]!) {
      const sums = await scoreAfter(model.engine, sequence, last, targets);
      means[i]!.push(sums.map((sum, choice) => sum / targets[choice]!.length));
    }
  }
  return means;
}

/** The choices of all prompts side by side. */
async function scoreTogether(
  model: Flamingo,
  requests: readonly RankRequest[],
  opened: readonly Opened[][],
  held: Sequence[],
): Promise<number[][][]> {
  const rows: Row[] = [];
  for (const [i, prompts] of opened.entries()) {
    for (const prompt of prompts) {
      rows.push(...await rowsOf(model, requests[i]!, prompt, held));
    }
  }
  const scores = await model.engine.score(rows);
  const means = scores.map((each) =>
    each.reduce((sum, value) => sum + value, 0) / each.length
  );
  let at = 0;
  return requests.map(({ images, choices }) =>
    images.map(() => means.slice(at, at += choices.length))
  );
}

/** Tokens of every choice, the end mark included. */
function targetsOf(
  { tokenizer, marks, style }: Flamingo,
  { choices, question }: RankRequest,
): number[][] {
  return choices.map((choice) => [
    ...tokenizer.encode(outputText(style, choice, question)),
    marks!.endOfChunk,
  ]);
}

/** Prompts of every request and picture, read up to their last token. */
async function openAll(
  model: Flamingo,
  requests: readonly RankRequest[],
  held: Sequence[],
): Promise<Opened[][]> {
  const { engine } = model;
  const shared: Sequence[] = [];
  const feeds: { sequence: Sequence; chunk: Chunk; draws: number }[] = [];
  for (const { examples } of requests) {
    // Each example is a picture, its text and the end of the chunk.
    const items = buildShots(model.style, examples, { image: "" })
      .slice(0, 3 * examples.length);
    const { sequence, chunk } = await model.open(items);
    held.push(sequence);
    shared.push(sequence);
    feeds.push({ sequence, chunk, draws: 0 });
  }
  await engine.step(feeds);
  const opened: Opened[][] = [];
  const tails: typeof feeds = [];
  for (const [i, request] of requests.entries()) {
    opened.push([]);
    for (const image of request.images) {
      const { sequence, chunk } = await goOn(model, shared[i]!, request, image);
      held.push(sequence);
      const { head, last } = splitLast(chunk);
      if (head) tails.push({ sequence, chunk: head, draws: 0 });
      opened[i]!.push({ sequence, last });
    }
  }
  if (tails.length > 0) await engine.step(tails);
  return opened;
}

/** A copy of a sequence that sees one more picture, and what it is to read. */
async function goOn(
  model: Flamingo,
  shared: Sequence,
  { question }: RankRequest,
  image: string,
): Promise<{ sequence: Sequence; chunk: Chunk }> {
  const { engine, tokenizer, marks, style } = model;
  const query = question === undefined ? { image } : { image, question };
  const items = buildShots(style, [], query);
  const sequence = await engine.fork(shared);
  // Opening a prompt finds the picture in the model's cache, or fills it.
  const { sequence: shown } = await model.open([{ image }]);
  engine.sharePictures(sequence, shown);
  engine.close(shown);
  const start = marks?.start === undefined ? 0 : 1;
  const { tokens, media } = encodePrompt(items, tokenizer, marks);
  const before = sequence.pictures.length - 1;
  const chunk = {
    tokens: tokens.slice(start),
    media: media.slice(start).map((ordinal) => ordinal + before),
  };
  return { sequence, chunk };
}

async function rowsOf(
  model: Flamingo,
  request: RankRequest,
  { sequence, last }: Opened,
  held: Sequence[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const targets of targetsOf(model, request)) {
    const fork = await model.engine.fork(sequence);
    held.push(fork);
    const tokens = [...last.tokens, ...targets.slice(0, -1)];
    const media = tokens.map(() => last.media[0]!);
    rows.push({ sequence: fork, chunk: { tokens, media }, targets });
  }
  return rows;
}

function splitLast(
  { tokens, media }: Chunk,
): { head: Chunk | undefined; last: Chunk } {
  const at = tokens.length - 1;
  const part = (from: number, to?: number): Chunk => ({
    tokens: tokens.slice(from, to),
    media: media.slice(from, to),
  });
  return { head: at > 0 ? part(0, at) : undefined, last: part(at) };
}
