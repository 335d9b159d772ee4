import assert from "node:assert/strict";
import fc from "fast-check";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { tokenizerFromGguf } from "../../../plugins/tokenizer/from_gguf.ts";
import type { Tokenizer } from "../../../models/slots.ts";
import {
  checkGoldenStrings,
  goldenTokenizerPath,
  streamed,
} from "./golden_strings.ts";

const PATH = goldenTokenizerPath("tiny.gguf");

type Metadata = Readonly<Record<string, unknown>>;

async function tinyMetadata(): Promise<Metadata> {
  using checkpoint = await openGguf(PATH);
  return checkpoint.metadata;
}

async function tinyTokenizer(): Promise<Tokenizer> {
  return tokenizerFromGguf(PATH, await tinyMetadata());
}

Deno.test("tokenizerFromGguf() agrees with Python on a small vocabulary", async () => {
  checkGoldenStrings(await tinyTokenizer(), "tiny");
});

Deno.test("tokenizerFromGguf() knows its tokens", async () => {
  const tokenizer = await tinyTokenizer();
  assert.equal(tokenizer.bos, 1);
  assert.equal(tokenizer.eos, 2);
  assert.equal(tokenizer.idOf("<|im_start|>"), 1);
  assert.equal(tokenizer.tokenOf(1), "<|im_start|>");
  assert.equal(tokenizer.idOf("no such token"), undefined);
  assert.equal(tokenizer.tokenOf(tokenizer.vocabularySize), undefined);
  assert.ok(tokenizer.tokenOf(tokenizer.vocabularySize - 1) !== undefined);
});

Deno.test("Tokenizer.encode() leaves special tokens plain text", async () => {
  const tokenizer = await tinyTokenizer();
  const text = "<|im_start|>a";
  assert.ok(!tokenizer.encode(text).includes(1));
  assert.equal(tokenizer.encode(text, { special: true })[0], 1);
});

Deno.test("Tokenizer.decode() skips special tokens when asked", async () => {
  const tokenizer = await tinyTokenizer();
  const ids = tokenizer.encode("<|im_start|>a<|im_end|>b", { special: true });
  assert.equal(tokenizer.decode(ids), "<|im_start|>a<|im_end|>b");
  assert.equal(tokenizer.decode(ids, { skipSpecial: true }), "ab");
  assert.equal(streamed(tokenizer, ids, true), "ab");
  assert.equal(tokenizer.decode([1], { skipSpecial: true }), "");
  assert.equal(tokenizer.decode([]), "");
});

Deno.test("Tokenizer.decode() refuses ids that are not in the vocabulary", async () => {
  const tokenizer = await tinyTokenizer();
  for (const id of [-1, tokenizer.vocabularySize, 1.5]) {
    assert.throws(() => tokenizer.decode([id]), /token .* ids from 0 to/);
  }
});

Deno.test("StreamDecoder holds back a character that is not whole", async () => {
  const tokenizer = await tinyTokenizer();
  const ids = tokenizer.encode("a😀b");
  const decoder = tokenizer.streamDecoder();
  const pieces = ids.map((id) => decoder.push(id));
  assert.ok(ids.length > 3);
  assert.deepEqual(pieces.filter((piece) => piece !== ""), ["a", "😀", "b"]);
  assert.equal(decoder.end(), "");
  for (const id of ids.slice(0, -2)) decoder.push(id);
  assert.equal(decoder.end(), "\ufffd");
});

Deno.test("StreamDecoder gives what decode() gives for any ids", async () => {
  const tokenizer = await tinyTokenizer();
  const id = fc.nat(tokenizer.vocabularySize - 1);
  fc.assert(
    fc.property(fc.array(id, { maxLength: 40 }), fc.boolean(), (ids, skip) => {
      const whole = tokenizer.decode(ids, { skipSpecial: skip });
      assert.equal(streamed(tokenizer, ids, skip), whole);
    }),
    { seed: 5, numRuns: 500 },
  );
});

Deno.test("Tokenizer.decode() undoes encode() for any text", async () => {
  const tokenizer = await tinyTokenizer();
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(text, (given) => {
      assert.equal(tokenizer.decode(tokenizer.encode(given)), given);
    }),
    { seed: 6, numRuns: 500 },
  );
});

Deno.test("tokenizerFromGguf() cuts as GPT-2 does where the file says so", async () => {
  const metadata = await tinyMetadata();
  const gpt2 = tokenizerFromGguf(PATH, {
    ...metadata,
    "tokenizer.ggml.pre": "gpt-2",
  });
  const tokens = gpt2.encode("a  1").map((id) => gpt2.tokenOf(id));
  assert.deepEqual(tokens, ["a", "Ġ", "Ġ", "1"]);
  const smollm = tokenizerFromGguf(PATH, metadata);
  const others = smollm.encode("a  1").map((id) => smollm.tokenOf(id));
  assert.deepEqual(others, ["a", "ĠĠ", "1"]);
});

Deno.test("tokenizerFromGguf() refuses metadata that it cannot use", async () => {
  const metadata = await tinyMetadata();
  const key = (name: string) => `tokenizer.ggml.${name}`;
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ["model", "t5", /tokenizer.ggml.model is "t5": only "gpt2"/],
    ["model", "llama", /scores are no list of 1152 f32/],
    ["model", undefined, /tokenizer.ggml.model is undefined/],
    ["pre", "bloom", /ggml.pre is "bloom": known are default, gpt-2, .*smoll/],
    ["tokens", undefined, /no list of strings tokenizer.ggml.tokens/],
    ["tokens", ["a", "b", "a"], /vocabulary has "a" twice/],
    ["merges", Int32Array.of(1), /no list of strings tokenizer.ggml.merges/],
    ["merges", ["ab"], /merge "ab" is no pair/],
    ["token_type", "x", /token_type is no list of i32/],
    ["eos_token_id", 10 ** 6, /eos_token_id is 1000000: the vocabulary has/],
    ["bos_token_id", "1", /bos_token_id is "1"/],
  ];
  for (const [name, value, message] of cases) {
    const changed = { ...metadata, [key(name)]: value };
    assert.throws(() => tokenizerFromGguf("x.gguf", changed), message);
  }
});
