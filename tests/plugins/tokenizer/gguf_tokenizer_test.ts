import assert from "node:assert/strict";
import { join } from "node:path";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { writeGguf } from "../../../plugins/gguf/writer.ts";
import { tokenizerFromFolder } from "../../../plugins/tokenizer/from_folder.ts";
import { tokenizerFromGguf } from "../../../plugins/tokenizer/from_gguf.ts";
import { ggufTokenizer } from "../../../plugins/tokenizer/gguf_tokenizer.ts";
import { goldenStrings, goldenTokenizerPath } from "./golden_strings.ts";

/** Kinds, and texts on which the two forms may differ by the format's rules. */
const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  tiny: () => false,
  // GGUF has no place for the normalizer to NFC.
  "kinds/gpt_neox": (text) => text !== text.normalize("NFC"),
  "kinds/llama3": () => false,
  "kinds/opt": () => false,
  "kinds/spm": () => false,
  "kinds/llama": () => false,
  // The space before text is put there in any case.
  "kinds/llama_first": (text) => /^[ ▁]/.test(text),
};

for (const [kind, differs] of Object.entries(KINDS)) {
  Deno.test(`ggufTokenizer() of ${kind} cuts as the folder's does`, async () => {
    const folder = goldenTokenizerPath(kind);
    const original = await tokenizerFromFolder(folder);
    const rows = original.vocabularySize + 3;
    const values = (await ggufTokenizer(folder, rows))!;
    const path = join(await Deno.makeTempDir(), "tokenizer.gguf");
    await writeGguf(path, [], values);
    using file = await openGguf(path);
    const made = tokenizerFromGguf(path, file.metadata);
    assert.equal(made.vocabularySize, rows);
    assert.equal(made.tokenOf(rows - 1), `[PAD${rows - 1}]`);
    assert.deepEqual([made.bos, made.eos], [original.bos, original.eos]);
    let checked = 0;
    for (const { text } of goldenStrings()) {
      if (differs(text)) continue;
      const ids = original.encode(text);
      assert.deepEqual(made.encode(text), ids, JSON.stringify(text));
      assert.equal(made.decode(ids), original.decode(ids));
      checked++;
    }
    assert.ok(checked > 300, `${checked}`);
    await Deno.remove(join(path, ".."), { recursive: true });
  });
}

Deno.test("ggufTokenizer() refuses what the format has no place for", async () => {
  const refusal = (kind: string, message: RegExp, rows = 5000) =>
    assert.rejects(ggufTokenizer(goldenTokenizerPath(kind), rows), message);
  await refusal("kinds/unigram", /"Unigram", not BPE: name a folder/);
  await refusal("kinds/word_piece", /"WordPiece", not BPE/);
  await refusal("kinds/clip", /its words end in a mark/);
  await refusal("kinds/roberta", /no name for its pre-tokenizer/);
  await refusal("tiny", /it has 1152 tokens, the model 600/, 600);
  const empty = await Deno.makeTempDir();
  assert.equal(await ggufTokenizer(empty, 100), undefined);
  await Deno.remove(empty);
});
