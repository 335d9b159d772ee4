/**
 * Pre-tokenizers of byte-level vocabularies by the names that GGUF files give
 * them, as a tokenizer.json would describe them.
 *
 * @module
 */

import type { JsonObject } from "../json_file.ts";

/** How a kind cuts text. */
export interface ByteLevelKind {
  /** As a tokenizer.json has it. */
  readonly preTokenizer: JsonObject;
  /** Whether a piece that is a token is not cut, whatever the merges say. */
  readonly ignoresMerges: boolean;
}

/** Contractions, also in capitals. */
const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

/** What Llama 3 and Qwen 2 share, around their ways with digits. */
function wordsWith(digits: string): string {
  return [
    CONTRACTIONS,
    "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
    digits,
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
    "\\s*[\\r\\n]+",
    "\\s+(?!\\S)",
    "\\s+",
  ].join("|");
}

/** Kinds by `tokenizer.ggml.pre`. */
export function byteLevelKinds(): ReadonlyMap<string, ByteLevelKind> {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false };
  const gpt2 = kind(byteLevel);
  const digits = kind({
    type: "Sequence",
    pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel],
  });
  const threeDigits = kind(splitThenBytes(wordsWith("\\p{N}{1,3}")));
  const oneDigit = kind(splitThenBytes(wordsWith("\\p{N}")));
  return new Map([
    ...named(gpt2, "default", "gpt-2", "phi-2", "mpt", "olmo", "jais"),
    ...named(digits, "smollm", "starcoder", "refact", "command-r", "codeshell"),
    ...named({ ...threeDigits, ignoresMerges: true }, "llama-bpe", "llama3"),
    ...named(threeDigits, "dbrx", "smaug-bpe"),
    ...named(oneDigit, "qwen2", "stablelm2"),
  ]);
}

function named(kind: ByteLevelKind, ...names: string[]) {
  return names.map((name) => [name, kind] as const);
}

function kind(preTokenizer: JsonObject): ByteLevelKind {
  return { preTokenizer, ignoresMerges: false };
}

function splitThenBytes(pattern: string): JsonObject {
  return {
    type: "Sequence",
    pretokenizers: [
      {
        type: "Split",
        pattern: { Regex: pattern },
        behavior: "Isolated",
        invert: false,
      },
      { type: "ByteLevel", add_prefix_space: false, use_regex: false },
    ],
  };
}
