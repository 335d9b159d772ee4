/**
 * Normalizers of tokenizer.json files: what is done to text before it is cut.
 *
 * @module
 */

import { BertNormalizer, PrecompiledNormalizer } from "@huggingface/tokenizers";
import { asObject, type JsonObject } from "../json_file.ts";
import { patternOf } from "./pattern.ts";

/** Text to text. */
export type Normalize = (text: string) => string;

/**
 * The normalizer that a tokenizer.json describes; text stays as it is where
 * there is none.
 *
 * @throws {Error} for a kind that is not known
 */
export function createNormalizer(value: unknown): Normalize {
  const node = asObject(value);
  if (node === undefined) return (text) => text;
  switch (node["type"]) {
    case "Sequence": {
      const parts = listOf(node, "normalizers").map(createNormalizer);
      return (text) => parts.reduce((made, part) => part(made), text);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = node["type"];
      return (text) => text.normalize(form);
    }
    case "Lowercase":
      // Letter by letter: no letter depends on its place in the word.
      return (text) => Array.from(text, (c) => c.toLowerCase()).join("");
    case "Replace": {
      const pattern = patternOf(node["pattern"]);
      const content = String(node["content"] ?? "");
      return (text) => text.replace(pattern, () => content);
    }
    case "Prepend": {
      const start = String(node["prepend"]);
      return (text) => text === "" ? "" : start + text;
    }
    case "Strip":
      return stripper(node);
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    case "BertNormalizer":
      return delegated(new BertNormalizer({ ...node, type: "BertNormalizer" }));
    case "Precompiled":
      return delegated(
        new PrecompiledNormalizer({
          type: "Precompiled",
          precompiled_charsmap: String(node["precompiled_charsmap"]),
        }),
      );
    default:
      throw new Error(
        `its normalizer ${JSON.stringify(node["type"])} is not known`,
      );
  }
}

/** The list of parts of a sequence. */
export function listOf(node: JsonObject, key: string): readonly unknown[] {
  const list = node[key];
  if (Array.isArray(list)) return list;
  throw new Error(`its ${String(node["type"])} has no list ${key}`);
}

function stripper(node: JsonObject): Normalize {
  const isLeft = node["strip_left"] === true;
  const isRight = node["strip_right"] === true;
  return (text) => {
    const start = isLeft ? text.replace(/^\p{White_Space}+/u, "") : text;
    return isRight ? start.replace(/\p{White_Space}+$/u, "") : start;
  };
}

function delegated(
  normalizer: { normalize(text: string): string },
): Normalize {
  return (text) => normalizer.normalize(text);
}
