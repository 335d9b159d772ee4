/**
 * Brings a prompt before a model: what is known of its beginning is reused,
 * pictures are encoded as its text comes to them.
 *
 * @module
 */

import { MOST_CHUNK_TOKENS } from "../generation/buckets.ts";
import type { Engine } from "../generation/engine.ts";
import type { KeyedPicture } from "../generation/picture_key.ts";
import {
  type Chunk,
  NO_PICTURE,
  type Sequence,
} from "../generation/sequence.ts";
import type { Media } from "./media.ts";
import type { PictureReader } from "./picture_reader.ts";
import type { EncodedPrompt } from "./prompt.ts";

/** Above so many pictures, those that no later token sees go early. */
const MOST_SHOWN = 16;

/** A prompt whose beginning is read. */
export interface ReadPrompt {
  /** What is left to feed, at least one token. */
  readonly chunk: Chunk;
  /** Time that pictures took, in milliseconds. */
  readonly imageMs: number;
  /** Time that text took that is fed already, in milliseconds. */
  readonly feedMs: number;
}

/**
 * Shows a prompt's pictures to its sequence. A prompt of many pictures is fed
 * up to its last portion on the way, so that pictures whose text is over make
 * room for those to come; portions are those in which the engine feeds anyway.
 */
export async function readPrompt(
  { engine, reader }: {
    readonly engine: Engine;
    readonly reader: PictureReader | undefined;
  },
  sequence: Sequence,
  prompt: EncodedPrompt<Media>,
): Promise<ReadPrompt> {
  const begin = performance.now();
  // Without word of it, a token may see any picture up to it.
  const isLatest = engine.stack.eyes?.crossAttention.attendTo === "latest";
  const pictures = new PromptPictures(reader, sequence, { prompt, isLatest });
  const reused = await engine.reuse(
    sequence,
    prompt,
    (place) => pictures.keyOf(place),
  );
  let rest = partOf(prompt, reused);
  await engine.reserve(sequence, rest.tokens.length);
  const isLong = isLatest && pictures.placesOf(rest).length > MOST_SHOWN;
  let feedMs = 0;
  while (isLong && rest.tokens.length > MOST_CHUNK_TOKENS) {
    const chunk = partOf(rest, 0, MOST_CHUNK_TOKENS);
    await engine.showPictures(sequence, await pictures.shownBy(chunk));
    const start = performance.now();
    await engine.step([{ sequence, chunk, draws: 0 }]);
    feedMs += performance.now() - start;
    rest = partOf(rest, MOST_CHUNK_TOKENS);
    engine.hidePictures(sequence, sequence.media - 1);
  }
  await engine.showPictures(sequence, await pictures.shownBy(rest));
  const imageMs = performance.now() - begin - feedMs;
  return { chunk: rest, imageMs, feedMs };
}

function partOf({ tokens, media }: Chunk, from: number, to?: number): Chunk {
  return { tokens: tokens.slice(from, to), media: media.slice(from, to) };
}

/** Pictures of one prompt, read when first asked for and shown once. */
class PromptPictures {
  readonly #isLatest: boolean;
  readonly #reader: PictureReader | undefined;
  readonly #sequence: Sequence;
  readonly #prompt: EncodedPrompt<Media>;
  /** Pictures that the sequence has from before the prompt. */
  readonly #first: number;
  readonly #read = new Map<number, KeyedPicture>();

  constructor(
    reader: PictureReader | undefined,
    sequence: Sequence,
    { prompt, isLatest }: {
      readonly prompt: EncodedPrompt<Media>;
      readonly isLatest: boolean;
    },
  ) {
    this.#isLatest = isLatest;
    this.#reader = reader;
    this.#sequence = sequence;
    this.#prompt = prompt;
    this.#first = sequence.pictures.length;
  }

  async keyOf(place: number): Promise<string> {
    return (await this.#at(place)).key;
  }

  /** Places of pictures of the prompt that a chunk needs and that are not shown. */
  placesOf({ media }: Chunk): number[] {
    const { pictures } = this.#sequence;
    const places = this.#isLatest
      ? [...new Set(media)].map((ordinal) => ordinal - 1)
      : Array.from({ length: Math.max(...media) }, (_, place) => place);
    return places.filter((place) =>
      place >= this.#first && (pictures[place] ?? NO_PICTURE) === NO_PICTURE
    ).sort((a, b) => a - b);
  }

  async shownBy(chunk: Chunk): Promise<KeyedPicture[]> {
    const shown: KeyedPicture[] = [];
    for (const place of this.placesOf(chunk)) {
      shown.push(await this.#at(place));
      // It is not needed again, and pixels are large.
      this.#read.delete(place);
    }
    return shown;
  }

  async #at(place: number): Promise<KeyedPicture> {
    const known = this.#read.get(place);
    if (known !== undefined) return known;
    const item = this.#prompt.pictures[place - this.#first]!;
    const picture = await this.#reader!.read(item, place);
    this.#read.set(place, picture);
    return picture;
  }
}
