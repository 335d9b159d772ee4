/**
 * Pre-tokenizers of tokenizer.json files: how text is cut into the pieces that
 * a vocabulary's model reads. Whitespace and digits are Unicode's, as in the
 * reference implementation, not JavaScript's.
 *
 * @module
 */

import { asObject, type JsonObject } from "../json_file.ts";
import { bytesAsText } from "./byte_alphabet.ts";
import { listOf } from "./normalizer.ts";
import { type CutBehavior, cutText, patternOf } from "./pattern.ts";

/** Cuts text; `isFirst` tells whether it begins the whole text. */
export type PreTokenize = (text: string, isFirst: boolean) => string[];

/** How GPT-2 cuts text: contractions, words, numbers, signs, whitespace. */
export const GPT2_WORDS = [
  "'s|'t|'re|'ve|'m|'ll|'d",
  " ?\\p{L}+",
  " ?\\p{N}+",
  " ?[^\\s\\p{L}\\p{N}]+",
  "\\s+(?!\\S)",
  "\\s+",
].join("|");

/** Characters of words in regular expressions. */
const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

/** ASCII signs and all punctuation. */
const SIGNS = "[!-/:-@\\[-`{-~\\p{P}]";

/**
 * The pre-tokenizer that a tokenizer.json describes; text stays whole where
 * there is none.
 *
 * @throws {Error} for a kind that is not known
 */
export function createPreTokenizer(value: unknown): PreTokenize {
  const node = asObject(value);
  if (node === undefined) return (text) => [text];
  switch (node["type"]) {
    case "Sequence":
      return inTurn(listOf(node, "pretokenizers").map(createPreTokenizer));
    case "ByteLevel":
      return byteLevel(node);
    case "Metaspace":
      return metaspace(node);
    case "Split":
      return cutter(
        patternOf(node["pattern"]),
        behaviorOf(node["behavior"]),
        node["invert"] === true,
      );
    case "Digits":
      return node["individual_digits"] === true
        ? cutter(/\p{N}/gu, "Isolated")
        : cutter(/\p{N}/gu, "Contiguous");
    case "Whitespace":
      return cutter(
        new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, "gu"),
        "Removed",
        true,
      );
    case "WhitespaceSplit":
      return cutter(/\p{White_Space}/gu, "Removed");
    case "Punctuation":
      return cutter(
        new RegExp(SIGNS, "gu"),
        behaviorOf(node["behavior"] ?? "Isolated"),
      );
    case "BertPreTokenizer":
      return inTurn([
        cutter(/\p{White_Space}/gu, "Removed"),
        cutter(new RegExp(SIGNS, "gu"), "Isolated"),
      ]);
    default:
      throw new Error(
        `its pre_tokenizer ${JSON.stringify(node["type"])} is not known`,
      );
  }
}

function inTurn(parts: readonly PreTokenize[]): PreTokenize {
  return (text, isFirst) =>
    parts.reduce(
      (pieces, part) =>
        pieces.flatMap((piece, i) => part(piece, isFirst && i === 0)),
      [text],
    );
}

function cutter(
  pattern: RegExp,
  behavior: CutBehavior,
  isInverted: boolean = false,
): PreTokenize {
  return (text) => cutText(text, { pattern, behavior, isInverted });
}

function behaviorOf(value: unknown): CutBehavior {
  const behaviors: readonly CutBehavior[] = [
    "Removed",
    "Isolated",
    "MergedWithPrevious",
    "MergedWithNext",
    "Contiguous",
  ];
  // Programs that write these files spell them in more than one way.
  const spelled = String(value).replaceAll("_", "").toLowerCase();
  const found = behaviors.find((each) => each.toLowerCase() === spelled);
  if (found !== undefined) return found;
  throw new Error(`its behavior ${JSON.stringify(value)} is not known`);
}

/** Bytes to the printable characters that stand for them. */
function byteLevel(node: JsonObject): PreTokenize {
  const pattern = patternOf({ Regex: GPT2_WORDS });
  const isPrefixed = node["add_prefix_space"] === true;
  const isCut = node["use_regex"] !== false;
  const spell = bytesAsText();
  return (given) => {
    const text = isPrefixed && !given.startsWith(" ") ? ` ${given}` : given;
    const words = isCut
      ? cutText(text, { pattern, behavior: "Isolated" })
      : [text];
    return words.map(spell);
  };
}

/** Spaces to a visible character that begins a word. */
function metaspace(node: JsonObject): PreTokenize {
  const mark = String(node["replacement"] ?? "▁");
  const scheme = node["add_prefix_space"] === false
    ? "never"
    : node["prepend_scheme"] ?? "always";
  const pattern = patternOf({ String: mark });
  return (given, isFirst) => {
    const text = given.replaceAll(" ", mark);
    const isPrefixed = !text.startsWith(mark) &&
      (scheme === "always" || scheme === "first" && isFirst);
    const whole = isPrefixed ? mark + text : text;
    return node["split"] === false
      ? [whole]
      : cutText(whole, { pattern, behavior: "MergedWithNext" });
  };
}
