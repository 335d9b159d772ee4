import assert from "node:assert/strict";
import fc from "fast-check";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { tokenizerFromGguf } from "../../../plugins/tokenizer/from_gguf.ts";
import {
  PIECE,
  type Piece,
  spmModel,
} from "../../../plugins/tokenizer/spm_model.ts";
import { goldenTokenizerPath, streamed } from "./golden_strings.ts";

function piece(text: string, score = 0, kind: number = PIECE.normal): Piece {
  return { text, score, kind };
}

Deno.test("spmModel() merges the highest score first, then the leftmost", () => {
  const model = spmModel([
    piece("<unk>", 0, PIECE.unknown),
    ...["a", "b", "c"].map((text) => piece(text, -9)),
    piece("ab", -2),
    piece("bc", -1),
    piece("aa", -3),
  ]);
  const tokens = (text: string) =>
    model.encode([text]).map((id) => model.tokens[id]);
  assert.deepEqual(tokens("abc"), ["a", "bc"]);
  assert.deepEqual(tokens("aaab"), ["aa", "ab"]);
  assert.deepEqual(tokens("aaa"), ["aa", "a"]);
  assert.deepEqual(tokens("xyax"), ["<unk>", "a", "<unk>"]);
  assert.deepEqual(tokens(""), []);
});

Deno.test("spmModel() takes unused pieces apart again, and never makes marks", () => {
  const model = spmModel([
    piece("<s>", 0, PIECE.control),
    piece("<s", -1),
    piece("<", -2),
    piece("s", -2),
    piece(">", -2),
    piece("ss", -1, PIECE.unused),
  ]);
  const tokens = (text: string) =>
    model.encode([text]).map((id) => model.tokens[id]);
  assert.deepEqual(tokens("<s>"), ["<s", ">"]);
  assert.deepEqual(tokens("ss>"), ["s", "s", ">"]);
});

Deno.test("A sentencepiece tokenizer gives back any text, whole or streamed", async () => {
  const path = goldenTokenizerPath("kinds/spm.gguf");
  using checkpoint = await openGguf(path);
  const { metadata } = checkpoint;
  const usual = tokenizerFromGguf(path, metadata);
  const bare = tokenizerFromGguf(path, {
    ...metadata,
    "tokenizer.ggml.add_space_prefix": false,
  });
  assert.equal(usual.tokenOf(usual.encode("a")[0]!)![0], "▁");
  assert.deepEqual(bare.encode("a").map(bare.tokenOf), ["a"]);
  const text = fc.string({ unit: "grapheme", maxLength: 60 })
    .filter((given) => !given.includes("▁"));
  fc.assert(
    fc.property(text, (given) => {
      for (const tokenizer of [usual, bare]) {
        const ids = tokenizer.encode(given);
        assert.equal(tokenizer.decode(ids), given);
        assert.equal(streamed(tokenizer, ids), given);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
  const ids = fc.array(fc.nat(usual.vocabularySize - 1), { maxLength: 40 });
  fc.assert(
    fc.property(ids, (given) => {
      assert.equal(streamed(usual, given), usual.decode(given));
    }),
    { seed: 8, numRuns: 500 },
  );
});
