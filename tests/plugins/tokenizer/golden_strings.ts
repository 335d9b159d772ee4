/** Strings and what SmolLM2's own tokenizer makes of them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Tokenizer } from "../../../models/slots.ts";

interface GoldenString {
  readonly text: string;
  readonly full: readonly number[];
  readonly tiny: readonly number[];
  readonly fullSpecial?: readonly number[];
  readonly tinySpecial?: readonly number[];
  /** What the ids decode to, where it is not the text. */
  readonly decoded?: string;
}

/** Path of a golden file of the tokenizers. */
export function goldenTokenizerPath(file: string): string {
  return fileURLToPath(
    new URL(`../../golden/tokenizer/${file}`, import.meta.url),
  );
}

/** All golden strings. */
export function goldenStrings(): readonly GoldenString[] {
  return JSON.parse(Deno.readTextFileSync(goldenTokenizerPath("strings.json")));
}

/** Asserts that a tokenizer encodes and decodes every string as Python does. */
export function checkGoldenStrings(
  tokenizer: Tokenizer,
  vocabulary: "full" | "tiny",
): void {
  const strings = goldenStrings();
  assert.ok(strings.length >= 500);
  for (const golden of strings) {
    const { text, decoded = text } = golden;
    const ids = golden[vocabulary];
    assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
    assert.equal(tokenizer.decode(ids), decoded);
    assert.equal(streamed(tokenizer, ids), decoded);
    const special = golden[`${vocabulary}Special`] ?? ids;
    assert.deepEqual(tokenizer.encode(text, { special: true }), special, text);
    assert.equal(tokenizer.decode(special), decoded);
    assert.equal(streamed(tokenizer, special), decoded);
  }
}

/** Text of ids that are pushed one by one. */
export function streamed(
  tokenizer: Tokenizer,
  ids: readonly number[],
  skipSpecial = false,
): string {
  const decoder = tokenizer.streamDecoder({ skipSpecial });
  return ids.map((id) => decoder.push(id)).join("") + decoder.end();
}
