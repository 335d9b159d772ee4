/**
 * A tokenizer: a token for each byte of UTF-8, after two marks. Replace the
 * body of `sketchNameTokenizer` by yours.
 *
 * @module
 */

import {
  definePart,
  objectOf,
  type Part,
  type Tokenizer,
} from "@rookery/rookery";

/** Marks before the bytes, by id. */
const MARKS = ["<s>", "</s>"];

/** The part `sketch_name/tokenizer`. */
export function sketchName(): Part<"tokenizer"> {
  return definePart({
    slot: "tokenizer",
    name: "sketch_name/tokenizer",
    schema: objectOf({}),
    build: sketchNameTokenizer,
  });
}

function sketchNameTokenizer(): Tokenizer {
  const first = MARKS.length, count = first + 256;
  const spell = (id: number) =>
    MARKS[id] ?? `0x${(id - first).toString(16).padStart(2, "0")}`;
  const ids = new Map(
    Array.from({ length: count }, (_, id) => [spell(id), id]),
  );
  return {
    vocabularySize: count,
    bos: 0,
    eos: 1,
    encode: (text) => [...new TextEncoder().encode(text)].map((b) => b + first),
    decode: (all) => new TextDecoder().decode(bytesOf(all)),
    idOf: (token) => ids.get(token),
    tokenOf: (id) => id < count ? spell(id) : undefined,
    streamDecoder() {
      const decoder = new TextDecoder();
      return {
        push: (id) => decoder.decode(bytesOf([id]), { stream: true }),
        end: () => decoder.decode(),
      };
    },
  };
}

/** Bytes of ids; marks have none. */
function bytesOf(ids: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = ids.map((id) => id - MARKS.length).filter((byte) => byte >= 0);
  return Uint8Array.from(bytes);
}
