/**
 * The pre-tokenizers of GPT-2 and its heirs, spelled as Unicode regular
 * expressions. The tokenizers package's own shortcuts for them mean other
 * whitespace (JavaScript's `\s`) and other digits (ASCII only) than the
 * reference implementation does.
 *
 * @module
 */
import { asObject, type JsonObject } from "../json_file.ts";

/** How GPT-2 cuts text: contractions, words, numbers, signs, whitespace. */
const GPT2_WORDS = [
  "'s|'t|'re|'ve|'m|'ll|'d",
  " ?\\p{L}+",
  " ?\\p{N}+",
  " ?[^\\p{White_Space}\\p{L}\\p{N}]+",
  "\\p{White_Space}+(?!\\P{White_Space})",
  "\\p{White_Space}+",
].join("|");

/** Pre-tokenizer of GPT-2, as a tokenizer.json has it. */
export function gpt2PreTokenizer(): JsonObject {
  return sequence([split(GPT2_WORDS), BYTES]);
}

/** Pre-tokenizer of SmolLM and StarCoder: every digit alone, then GPT-2's. */
export function digitsPreTokenizer(): JsonObject {
  return sequence([split("\\p{N}"), split(GPT2_WORDS), BYTES]);
}

/**
 * A tokenizer.json's pre-tokenizer with `Digits` and `ByteLevel` replaced by
 * their exact meaning; others stay as they are.
 */
export function exactPreTokenizer(value: unknown): unknown {
  const node = asObject(value);
  switch (node?.["type"]) {
    case "Sequence": {
      const parts = node["pretokenizers"];
      return Array.isArray(parts)
        ? { ...node, pretokenizers: parts.map(exactPreTokenizer) }
        : node;
    }
    case "Digits":
      return split(node["individual_digits"] === true ? "\\p{N}" : "\\p{N}+");
    case "ByteLevel":
      // A prefix space is put before the cut, which a sequence cannot say.
      return node["add_prefix_space"] === true || node["use_regex"] === false
        ? node
        : gpt2PreTokenizer();
    default:
      return value;
  }
}

/** Bytes to the printable characters that stand for them; cuts nothing. */
const BYTES: JsonObject = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: false,
};

function split(pattern: string): JsonObject {
  return {
    type: "Split",
    pattern: { Regex: pattern },
    behavior: "Isolated",
    invert: false,
  };
}

function sequence(pretokenizers: readonly JsonObject[]): JsonObject {
  return { type: "Sequence", pretokenizers };
}
