/**
 * Byte-level vocabularies in two files, `vocab.json` and `merges.txt`: those of
 * GPT-2 and its heirs, and CLIP's, whose words end in `</w>`.
 *
 * @module
 */

import { join } from "node:path";
import { cannotRead, quoted } from "../cannot_read.ts";
import { type JsonObject, readJsonFile } from "../json_file.ts";
import { RangeFile } from "../range_file.ts";
import { MAX_JSON_BYTES } from "./folder_tokens.ts";

/** What ends CLIP's words. */
const END_OF_WORD = "</w>";

/** How CLIP cuts text. */
const CLIP_WORDS = [
  "<\\|startoftext\\|>",
  "<\\|endoftext\\|>",
  "'s|'t|'re|'ve|'m|'ll|'d",
  "[\\p{L}]+",
  "[\\p{N}]",
  "[^\\s\\p{L}\\p{N}]+",
].join("|");

/** A vocabulary as a tokenizer.json would describe it. */
export interface VocabFiles {
  /** Without added tokens. */
  readonly json: JsonObject;
  /** What begins and ends a text where no other file says. */
  readonly usual: { readonly bos: string; readonly eos: string };
}

/**
 * Reads the two files of a folder.
 *
 * @param hasPrefix whether a space is put before text that begins without one
 * @throws {RookeryError} `file` for one that is missing or malformed, or
 * merges that do not fit the vocabulary
 */
export async function readVocabFiles(
  folder: string,
  hasPrefix: boolean,
): Promise<VocabFiles> {
  const path = join(folder, "vocab.json");
  const vocab = await readJsonFile(path, MAX_JSON_BYTES);
  const tokens = Object.entries(vocab);
  for (const [token, id] of tokens) {
    if (Number.isSafeInteger(id) && id as number >= 0) continue;
    throw cannotRead(path, `its id of ${quoted(token)} is ${quoted(id)}`);
  }
  const merges = await readMerges(join(folder, "merges.txt"), vocab);
  const isClip = tokens.some(([token]) => token.endsWith(END_OF_WORD));
  const bytes = { type: "ByteLevel", add_prefix_space: !isClip && hasPrefix };
  const model = { type: "BPE", vocab, merges };
  const json = isClip
    ? {
      normalizer: clipNormalizer(),
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          {
            type: "Split",
            pattern: { Regex: CLIP_WORDS },
            behavior: "Removed",
            invert: true,
          },
          bytes,
        ],
      },
      model: { ...model, end_of_word_suffix: END_OF_WORD },
    }
    : { pre_tokenizer: bytes, model };
  const eos = "<|endoftext|>";
  return {
    json: { ...json, decoder: { type: "ByteLevel" } },
    usual: { bos: isClip ? "<|startoftext|>" : eos, eos },
  };
}

function clipNormalizer(): JsonObject {
  return {
    type: "Sequence",
    normalizers: [
      { type: "NFC" },
      { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
      { type: "Lowercase" },
    ],
  };
}

async function readMerges(
  path: string,
  vocab: JsonObject,
): Promise<[string, string][]> {
  using file = await RangeFile.open(path);
  if (file.sizeBytes > MAX_JSON_BYTES) {
    throw cannotRead(path, `it has ${file.sizeBytes} bytes: that is too many`);
  }
  const text = new TextDecoder().decode(file.read(0, file.sizeBytes));
  const lines = text.split(/\r?\n/).filter((line) =>
    line !== "" && !line.startsWith("#version")
  );
  return lines.map((line) => {
    const [left, right, ...more] = line.split(" ");
    if (!left || !right || more.length > 0) {
      throw cannotRead(path, `its line ${quoted(line)} is no pair of tokens`);
    }
    for (const token of [left, right, left + right]) {
      if (Object.hasOwn(vocab, token)) continue;
      throw cannotRead(
        path,
        `its line ${quoted(line)} needs the token ${quoted(token)}, which ` +
          "vocab.json does not have",
      );
    }
    return [left, right];
  });
}
