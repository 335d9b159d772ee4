/**
 * Checks of tokenizers: what is cut comes together again.
 *
 * @module
 */

import type { BuiltCase } from "./part_case.ts";

const USUAL_TEXTS = ["a small dog", "Two words: 1, 2."] as const;

/** Most ids whose spelling is looked up again. */
const MOST_IDS = 1000;

/** Checks ids, round trips and streams. */
export async function tokenizerChecks(
  { value, subject, given, list }: BuiltCase<"tokenizer">,
): Promise<void> {
  const { vocabularySize } = value;
  await list.check(subject, "marks are ids of the vocabulary", () => {
    for (const id of [value.bos, value.eos]) {
      if (id !== undefined) mustBeId(id, vocabularySize);
    }
  });
  if (value.hasText === false) {
    return list.leaveOut(subject, "texts, as it has no vocabulary");
  }
  await list.check(subject, "texts come back as they were", () => {
    for (const text of given.texts ?? USUAL_TEXTS) {
      const ids = value.encode(text);
      for (const id of ids) mustBeId(id, vocabularySize);
      mustBe(`decode(encode("${text}"))`, value.decode(ids), text);
      const stream = value.streamDecoder();
      const streamed = ids.map((id) => stream.push(id)).join("") + stream.end();
      mustBe("text of the stream decoder", streamed, text);
    }
  });
  await list.check(subject, "idOf undoes tokenOf", () => {
    const step = Math.max(1, Math.floor(vocabularySize / MOST_IDS));
    const spelt = new Map<string, number>();
    for (let id = 0; id < vocabularySize; id += step) {
      const token = value.tokenOf(id);
      if (token === undefined || spelt.has(token)) continue;
      spelt.set(token, id);
      const found = value.idOf(token);
      if (found !== undefined && value.tokenOf(found) === token) continue;
      throw new Error(`idOf("${token}") is ${found}: tokenOf(${id}) is it`);
    }
    if (spelt.size === 0) throw new Error("tokenOf knows no id");
  });
}

function mustBeId(id: number, size: number): void {
  if (Number.isSafeInteger(id) && id >= 0 && id < size) return;
  throw new Error(`there is an id ${id}: ids are whole and below ${size}`);
}

function mustBe(what: string, own: string, expected: string): void {
  if (own !== expected) throw new Error(`${what} is "${own}"`);
}
