import assert from "node:assert/strict";
import { join } from "node:path";
import type { Tokenizer } from "../../../models/slots.ts";
import { tokenizerFromFolder } from "../../../plugins/tokenizer/from_folder.ts";
import { goldenTokenizerPath } from "./golden_strings.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a folder with such files gives. */
async function opened<T>(
  files: Files,
  use: (tokenizer: Tokenizer) => T,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await Deno.writeFile(join(folder, name), bytes);
    }
    return use(await tokenizerFromFolder(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const VOCAB = `{"a":0,"b":1,"ab":2,"<|endoftext|>":3,"</s>":4}`;
const MERGES = "#version: 0.2\na b\n";
const PAIR = { "vocab.json": VOCAB, "merges.txt": MERGES };

Deno.test("vocab.json and merges.txt are a tokenizer, with GPT-2's ends", async () => {
  await opened(PAIR, (tokenizer) => {
    assert.deepEqual(tokenizer.encode("abba"), [2, 1, 0]);
    assert.equal(tokenizer.bos, 3);
    assert.equal(tokenizer.eos, 3);
  });
});

Deno.test("special_tokens_map.json and added_tokens.json add tokens", async () => {
  const files = {
    ...PAIR,
    "special_tokens_map.json":
      `{"bos_token":{"content":"</s>"},"eos_token":"</s>",
        "additional_special_tokens":["<x>"]}`,
    "added_tokens.json": `{"<x>":5,"bb":6}`,
  };
  await opened(files, (tokenizer) => {
    assert.equal(tokenizer.bos, 4);
    assert.equal(tokenizer.vocabularySize, 7);
    assert.deepEqual(tokenizer.encode("a<x>bba</s>", { special: true }), [
      0,
      5,
      6,
      0,
      4,
    ]);
    assert.deepEqual(tokenizer.encode("abba"), [0, 6, 0]);
    assert.equal(tokenizer.decode([5, 6, 4], { skipSpecial: true }), "bb");
  });
});

Deno.test("added_tokens_decoder of tokenizer_config.json adds tokens", async () => {
  const files = {
    ...PAIR,
    "tokenizer_config.json":
      `{"added_tokens_decoder":{"5":{"content":"<y>","special":true}}}`,
  };
  await opened(files, (tokenizer) => {
    assert.deepEqual(tokenizer.encode("a<y>", { special: true }), [0, 5]);
  });
});

Deno.test("CLIP's marks begin and end its texts", async () => {
  for (const name of ["clip", "clip_files"]) {
    const path = goldenTokenizerPath(`kinds/${name}`);
    const tokenizer = await tokenizerFromFolder(path);
    const start = tokenizer.idOf("<|startoftext|>");
    const end = tokenizer.idOf("<|endoftext|>");
    assert.ok(start !== undefined && end !== undefined);
    const text = "<|startoftext|>A CAT<|endoftext|>";
    const ids = tokenizer.encode(text, { special: true });
    assert.deepEqual([ids[0], ids.at(-1)], [start, end]);
    assert.deepEqual(ids.slice(1, -1), tokenizer.encode("a  cat"));
  }
  const files = await tokenizerFromFolder(
    goldenTokenizerPath("kinds/clip_files"),
  );
  assert.equal(files.bos, files.idOf("<|startoftext|>"));
  assert.equal(files.eos, files.idOf("<|endoftext|>"));
});

/** A field of a protocol buffer whose value is bytes. */
function field(number: number, ...bytes: number[]): number[] {
  return [number * 8 + 2, bytes.length, ...bytes];
}

Deno.test("Folders with files that are no tokenizer are refused", async () => {
  const letter = field(1, ...field(1, 97));
  const spm = (...bytes: number[]) => ({
    "tokenizer.model": Uint8Array.from(bytes),
  });
  const json = (value: unknown) => ({
    "tokenizer.json": JSON.stringify(value),
  });
  const model = { type: "BPE", vocab: { a: 0 }, merges: [] };
  const cases: readonly (readonly [Files, RegExp])[] = [
    [{ "vocab.json": VOCAB }, /merges.txt as there is no such file/],
    [{ ...PAIR, "merges.txt": "a b c\n" }, /line "a b c" is no pair/],
    [{ ...PAIR, "merges.txt": "b a\n" }, /needs the token "ba", which vocab/],
    [{ ...PAIR, "vocab.json": `{"a":-1}` }, /its id of "a" is -1/],
    [
      { ...PAIR, "special_tokens_map.json": `{"bos_token":"<none>"}` },
      /"<none>"/,
    ],
    [{ ...PAIR, "added_tokens.json": `{"x":"5"}` }, /added token .* is none/],
    [spm(), /it has no pieces/],
    [spm(10, 200), /it ends within a field/],
    [spm(11), /a field of wire type 3/],
    [spm(...letter), /no BPE vocabulary without .*: save the tokenizer as/],
    [spm(...letter, ...field(2, 24, 2)), /no BPE vocabulary/],
    [spm(...field(1, 24, 1)), /a piece of it has no text/],
    [json({ model: { type: "none" } }), /cannot be built/],
    [json({ model, normalizer: { type: "N" } }), /normalizer "N" is not known/],
    [json({ model, pre_tokenizer: { type: "P" } }), /pre_tokenizer "P" is not/],
    [json({ model, decoder: { type: "D" } }), /decoder "D" is not known/],
    [json({ model, added_tokens: [{}] }), /added token {} is none/],
  ];
  for (const [files, message] of cases) {
    await assert.rejects(opened(files, () => {}), message);
  }
  await opened(
    spm(...letter, ...field(2, 24, 2), ...field(3, 32, 0)),
    (made) => {
      assert.equal(made.vocabularySize, 1);
      assert.equal(made.decode([0, 0]), "aa");
    },
  );
});
