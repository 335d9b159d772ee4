import assert from "node:assert/strict";
import {
  encodePrompt,
  pictureOrdinals,
  type PromptTokens,
} from "../../models/flamingo/prompt.ts";
import type { Tokenizer } from "../../models/slots.ts";

/** A token per character, its code. */
const TOKENIZER = {
  encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0)),
} as unknown as Tokenizer;

const PLAIN: PromptTokens = {
  image: [1],
  imageStarts: [1],
  around: undefined,
  endOfChunk: 2,
  closing: undefined,
  start: undefined,
  between: undefined,
  isTrimmed: false,
};

Deno.test("encodePrompt() shows a token the picture just before it", () => {
  const { tokens, media, pictures } = encodePrompt(
    [
      { text: "x" },
      { image: "A" },
      { text: "y" },
      { endOfChunk: true },
      { image: "B" },
      { text: "z" },
    ],
    TOKENIZER,
    { ...PLAIN, start: 0 },
  );
  assert.deepEqual(tokens, [0, 120, 1, 121, 2, 1, 122]);
  assert.deepEqual(media, [0, 0, 1, 1, 1, 2, 2]);
  assert.deepEqual(pictures, [{ image: "A" }, { image: "B" }]);
});

Deno.test("encodePrompt() marks a video as it marks a picture", () => {
  const video = { video: "A.gif" }, frames = { frames: ["B", "C"] };
  const { tokens, media, pictures } = encodePrompt(
    [video, { text: "x" }, frames, { text: "y" }],
    TOKENIZER,
    PLAIN,
  );
  assert.deepEqual(tokens, [1, 120, 1, 121]);
  assert.deepEqual(media, [1, 1, 2, 2]);
  assert.deepEqual(pictures, [video, frames]);
});

Deno.test("encodePrompt() puts one shared mark between neighbouring pictures", () => {
  const marks = { ...PLAIN, around: 9, closing: 2 };
  const { tokens, media } = encodePrompt(
    [
      { image: "A" },
      { image: "B" },
      { text: "x" },
      { endOfChunk: true },
      { text: "y" },
      { image: "C" },
    ],
    TOKENIZER,
    marks,
  );
  assert.deepEqual(tokens, [9, 1, 9, 1, 9, 120, 2, 121, 9, 1, 9]);
  // The mark before a picture still sees the one before; the end closes it.
  assert.deepEqual(media, [0, 1, 1, 2, 2, 2, 2, 0, 0, 3, 3]);
  assert.deepEqual(pictureOrdinals(tokens, marks), media);
});

Deno.test("encodePrompt() takes neighbouring texts for one, or puts a mark between them", () => {
  const whole = {
    encode: (text: string) => [text.length],
  } as unknown as Tokenizer;
  const items = [
    { text: " a " },
    { text: " bc" },
    { endOfChunk: true as const },
    { text: "d " },
  ];
  const ids = (marks: PromptTokens | undefined, these = items) =>
    encodePrompt(these, whole, marks).tokens;
  assert.deepEqual(ids(PLAIN), [6, 2, 2]);
  assert.deepEqual(ids(undefined, items.slice(0, 2)), [6]);
  assert.deepEqual(ids({ ...PLAIN, isTrimmed: true }), [3, 2, 1]);
  assert.deepEqual(ids({ ...PLAIN, between: 7 }), [3, 7, 3, 2, 2]);
});

Deno.test("pictureOrdinals() counts marks of plain text by their first token", () => {
  const marks = { ...PLAIN, image: [60, 105, 62], imageStarts: [60, 61] };
  assert.deepEqual(
    pictureOrdinals([7, 60, 105, 62, 8, 61, 105, 62], marks),
    [0, 1, 1, 1, 1, 2, 2, 2],
  );
  assert.deepEqual(pictureOrdinals([60, 60], undefined), [0, 0]);
});

Deno.test("encodePrompt() refuses pictures without marks, and nothing at all", () => {
  assert.throws(
    () => encodePrompt([{ image: "A" }], TOKENIZER, undefined),
    /a picture in a prompt as the model is a language model/,
  );
  assert.throws(() => encodePrompt([], TOKENIZER, PLAIN), /empty prompt/);
});
