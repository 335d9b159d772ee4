/**
 * How much a precision changes what the default model says of pictures: the
 * likelihood of the right captions' tokens, and the captions that it writes.
 *
 * @module
 */

import { readTestLists } from "../../evaluation/test_lists.ts";
import { fetchPictures } from "../../evaluation/picture_store.ts";
import {
  assemble,
  describeAll,
  type Device,
  encodePrompt,
  type Flamingo,
  outputText,
  PRESET_NAMES,
} from "../../mod.ts";
import { remembered } from "./remembered.ts";
import {
  compareTold,
  joinTold,
  type Told,
  type ToldAccuracy,
  toldBy,
} from "./told.ts";
import { WEIGHT_MODES } from "./weight_modes.ts";

/** A picture with its right caption. */
export interface CaptionedPicture {
  /** Path of the picture. */
  readonly image: string;
  /** The caption. */
  readonly label: string;
}

/** One row of the table. */
export interface CaptionAccuracy extends ToldAccuracy {
  /** Pictures whose captions were written. */
  readonly pictures: number;
  /** Those whose caption is the first row's, to the letter. */
  readonly sameCaptions: number;
}

/** What one precision says, and what it writes. */
interface ToldAndWritten {
  readonly told: Told;
  readonly captions: readonly string[];
}

/** Captions that are written side by side. */
const BATCH = 16;

/** Measures all precisions on so many pictures. */
export async function measureCaptions(
  device: Device,
  { pictures: count, say }: {
    readonly pictures: number;
    readonly say: (line: string) => void;
  },
): Promise<CaptionAccuracy[]> {
  const pictures = await captionedPictures(count);
  const rows: CaptionAccuracy[] = [];
  let first: ToldAndWritten | undefined;
  for (const { name, dtype, activations } of WEIGHT_MODES) {
    const key = `captions ${device.profile.name} ${count} ${name}`;
    const found = await remembered(key, async () => {
      const engine = { activations, tokens: 2048, pictures: 64 };
      using model = await assemble(PRESET_NAMES[0]!, {
        device,
        dtype,
        engine,
      });
      return await tellAndWrite(model, pictures);
    });
    first ??= found;
    const { captions } = first;
    rows.push({
      ...compareTold(name, found.told, first.told),
      pictures: captions.length,
      sameCaptions: found.captions.filter((each, i) => each === captions[i])
        .length,
    });
    say(`captions, ${name}: ${JSON.stringify(rows.at(-1))}`);
  }
  return rows;
}

/** Pictures of the style that training never saw, then examples that it saw. */
async function captionedPictures(count: number): Promise<CaptionedPicture[]> {
  const { newStyle: { queries }, packages } = await readTestLists();
  const store = await fetchPictures(packages);
  const shown = [...queries, ...queries.map(({ shots }) => shots[0]!)];
  return shown.slice(0, count)
    .map((each) => ({ image: store.pathOf(each), label: each.label }));
}

async function tellAndWrite(
  model: Flamingo,
  pictures: readonly CaptionedPicture[],
): Promise<ToldAndWritten> {
  const told: Told[] = [], captions: string[] = [];
  for (let at = 0; at < pictures.length; at += BATCH) {
    const some = pictures.slice(at, at + BATCH);
    for (const picture of some) told.push(await tell(model, picture));
    const queries = some.map(({ image }) => ({ query: { image } }));
    captions.push(...await describeAll(model, queries, { maxTokens: 24 }));
  }
  return { told: joinTold(told), captions };
}

/** The right caption and its end mark, after the picture. */
async function tell(
  model: Flamingo,
  { image, label }: CaptionedPicture,
): Promise<Told> {
  const { engine, style, tokenizer, marks } = model;
  const before = encodePrompt([{ image }], tokenizer, marks).tokens.length;
  const text = outputText(style, label);
  const { sequence, chunk } = await model.open([
    { image },
    { text },
    { endOfChunk: true },
  ]);
  try {
    const { tokens, media } = chunk;
    const fed = { tokens: tokens.slice(0, -1), media: media.slice(0, -1) };
    const logits = await engine.logits(sequence, fed);
    return toldBy(logits, tokens.slice(before), before - 1);
  } finally {
    engine.close(sequence);
  }
}
