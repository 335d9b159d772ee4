/**
 * Vocabularies of tokenizer.json files as GGUF files list them.
 *
 * @module
 */

import { quoted } from "../cannot_read.ts";
import { asObject, type JsonObject } from "../json_file.ts";
import { byteLevelKinds } from "./byte_level_kinds.ts";
import { PIECE } from "./spm_model.ts";

/** A vocabulary with its rules. */
export interface GgufVocabulary {
  /** `gpt2` for bytes in BPE, `llama` for scored pieces. */
  readonly model: "gpt2" | "llama";
  /** Name of the pre-tokenizer, of byte-level BPE. */
  readonly pre?: string;
  /** Tokens by id; ids may be left out. */
  readonly tokens: readonly string[];
  /** What each token is: one of `PIECE`. */
  readonly kinds: readonly number[];
  /** Pairs in the order that they are merged, of byte-level BPE. */
  readonly merges?: readonly string[];
  /** Pieces with higher scores are merged first. */
  readonly scores?: readonly number[];
  /** Whether a space is put before text; of scored pieces. */
  readonly hasPrefix?: boolean;
}

/** A byte-level vocabulary; a text that says why it is none. */
export function byteLevelVocabulary(
  json: JsonObject,
): GgufVocabulary | string {
  const model = asObject(json["model"]) ?? {};
  const kind = model["type"] ?? "BPE";
  if (kind !== "BPE") return `its model is ${quoted(kind)}, not BPE`;
  if (model["end_of_word_suffix"]) return "its words end in a mark";
  const ignoresMerges = model["ignore_merges"] === true;
  const wanted = essence(json["pre_tokenizer"]);
  const [pre] =
    byteLevelKinds().entries().find(([name, each]) =>
      name !== "default" && each.ignoresMerges === ignoresMerges &&
      essence(each.preTokenizer) === wanted
    ) ?? [];
  if (pre === undefined) return "the format has no name for its pre-tokenizer";
  const pairs = pairsOf(model).map((pair) => pair.join(" "));
  return { model: "gpt2", pre, ...listed(json), merges: pairs };
}

/**
 * A vocabulary of scored pieces from one of merges, whose order the scores keep;
 * a text that says why it is none.
 */
export function scoredVocabulary(json: JsonObject): GgufVocabulary | string {
  const model = asObject(json["model"]) ?? {};
  const { tokens, kinds } = listed(json);
  const ranks = new Map<string, number>();
  for (const [rank, pair] of pairsOf(model).entries()) {
    const token = pair.join("");
    if (!ranks.has(token)) ranks.set(token, rank);
  }
  const unknown = model["unk_token"];
  return {
    model: "llama",
    tokens,
    kinds: kinds.map((kind, id) =>
      /^<0x[0-9A-F]{2}>$/.test(tokens[id]!)
        ? PIECE.byte
        : tokens[id] === unknown
        ? PIECE.unknown
        : kind
    ),
    scores: tokens.map((token) => -(ranks.get(token) ?? ranks.size)),
    hasPrefix: /"prepend(_scheme)?":"(▁|first|always)"/.test(
      JSON.stringify([json["normalizer"], json["pre_tokenizer"]]),
    ),
  };
}

/** Tokens and kinds, those that were added among them. */
function listed(json: JsonObject): Pick<GgufVocabulary, "tokens" | "kinds"> {
  const vocab = asObject(asObject(json["model"])?.["vocab"]) ?? {};
  const tokens: string[] = [], kinds: number[] = [];
  for (const [token, id] of Object.entries(vocab)) {
    tokens[id as number] = token;
    kinds[id as number] = PIECE.normal;
  }
  const added = json["added_tokens"];
  for (const each of Array.isArray(added) ? added : []) {
    const { id, content, special } = each;
    tokens[id] = content;
    kinds[id] = special === true ? PIECE.control : PIECE.userDefined;
  }
  return { tokens, kinds };
}

function pairsOf(model: JsonObject): string[][] {
  const { merges } = model;
  return (Array.isArray(merges) ? merges : []).map((merge) =>
    typeof merge === "string" ? merge.split(" ") : merge
  );
}

/** A pre-tokenizer without the keys that change no ids. */
function essence(node: unknown): string {
  const object = asObject(node);
  if (object === undefined) return JSON.stringify(node);
  if (object["type"] === "Sequence" && Array.isArray(object["pretokenizers"])) {
    return object["pretokenizers"].map(essence).join("; ");
  }
  const { trim_offsets: _, use_regex = true, ...rest } = object;
  const kept = object["type"] === "ByteLevel" ? { ...rest, use_regex } : rest;
  return JSON.stringify(Object.entries(kept).sort());
}
