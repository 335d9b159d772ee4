/**
 * Tokenizers from the metadata of GGUF files.
 *
 * @module
 */

import type { Tokenizer } from "../../models/slots.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import type { JsonObject } from "../json_file.ts";
import { type ByteLevelKind, byteLevelKinds } from "./byte_level_kinds.ts";
import {
  type GgufMetadata,
  idAt,
  textsOf,
  tokenKinds,
  tokensOf,
} from "./gguf_tokens.ts";
import { PIECE } from "./spm_model.ts";
import { spmTokenizer } from "./spm_tokenizer.ts";
import { createTokenizer } from "./text_tokenizer.ts";

/**
 * Tokenizer of a GGUF file: byte-level BPE (`tokenizer.ggml.model` is `gpt2`)
 * or sentencepiece (`llama`).
 *
 * @param path of the file, for messages
 * @param metadata of the file, as `openGguf` gives it
 * @throws {RookeryError} `file` for another kind of tokenizer, or metadata
 * that are missing or do not fit each other
 */
export function tokenizerFromGguf(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
): Tokenizer {
  const model = metadata["tokenizer.ggml.model"];
  const file = { path, metadata };
  if (model === "gpt2") return byteLevel(file);
  if (model === "llama") return sentencePiece(file);
  throw cannotRead(
    path,
    `its tokenizer.ggml.model is ${quoted(model)}: only "gpt2" (byte-level ` +
      `BPE) and "llama" (sentencepiece) are read`,
    { expected: ["gpt2", "llama"], actual: model },
  );
}

function byteLevel(file: GgufMetadata): Tokenizer {
  const tokens = tokensOf(file);
  const { preTokenizer, ignoresMerges } = kindOf(file);
  const merges = textsOf(file, "tokenizer.ggml.merges");
  const json = {
    added_tokens: addedTokens(file, tokens),
    pre_tokenizer: preTokenizer,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      unk_token: null,
      byte_fallback: false,
      ignore_merges: ignoresMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((merge) => mergePair(file.path, merge)),
    },
  };
  return createTokenizer(file.path, { json, ...ends(file, tokens) });
}

function kindOf({ path, metadata }: GgufMetadata): ByteLevelKind {
  const name = metadata["tokenizer.ggml.pre"] ?? "default";
  const kinds = byteLevelKinds();
  const kind = kinds.get(String(name));
  if (kind !== undefined) return kind;
  const known = [...kinds.keys()];
  throw cannotRead(
    path,
    `its tokenizer.ggml.pre is ${quoted(name)}: known are ${known.join(", ")}`,
    { expected: known, actual: name },
  );
}

/** The two parts of a merge; a space within a part is spelled otherwise. */
function mergePair(path: string, merge: string): [string, string] {
  const at = merge.indexOf(" ", 1);
  if (at < 0 || at === merge.length - 1) {
    throw cannotRead(path, `its merge ${quoted(merge)} is no pair`);
  }
  return [merge.slice(0, at), merge.slice(at + 1)];
}

function addedTokens(
  file: GgufMetadata,
  tokens: readonly string[],
): JsonObject[] {
  const kinds = tokenKinds(file);
  return tokens.flatMap((content, id) => {
    const special = kinds[id] === PIECE.control;
    return special || kinds[id] === PIECE.userDefined
      ? [{ id, content, special, normalized: false }]
      : [];
  });
}

function sentencePiece(file: GgufMetadata): Tokenizer {
  const { path, metadata } = file;
  const tokens = tokensOf(file);
  const kinds = tokenKinds(file);
  const scores = metadata["tokenizer.ggml.scores"];
  if (!(scores instanceof Float32Array) || scores.length !== tokens.length) {
    throw cannotRead(
      path,
      `its tokenizer.ggml.scores are no list of ${tokens.length} f32, one ` +
        "for each token",
    );
  }
  return spmTokenizer(path, {
    pieces: tokens.map((text, id) => ({
      text,
      score: scores[id]!,
      kind: kinds[id] ?? PIECE.normal,
    })),
    prefix: metadata["tokenizer.ggml.add_space_prefix"] === false
      ? "never"
      : "always",
    ...ends(file, tokens),
  });
}

function ends(file: GgufMetadata, tokens: readonly string[]) {
  return {
    bos: idAt(file, "bos_token_id", tokens),
    eos: idAt(file, "eos_token_id", tokens),
  };
}
