import assert from "node:assert/strict";
import { chooseFiles } from "../../../plugins/hub/choose_files.ts";

function chosen(paths: readonly string[], ...globs: string[]): string[] {
  return [...chooseFiles(paths, globs, "owner/name").paths];
}

/** A repository: files marked by `+` are to be chosen. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  "a language model in several formats": `
    +config.json +generation_config.json +merges.txt +vocab.json +tokenizer.json
    +tokenizer_config.json +special_tokens_map.json +model.safetensors
    pytorch_model.bin tf_model.h5 flax_model.msgpack rust_model.ot README.md
    .gitattributes onnx/model.onnx onnx/config.json 64.tflite model.gguf`,
  "shards, with a copy in the old format": `
    +config.json +model.safetensors.index.json +model-00001-of-00002.safetensors
    +model-00002-of-00002.safetensors pytorch_model.bin.index.json
    pytorch_model-00001-of-00001.bin consolidated.safetensors
    original/consolidated.00.pth +tokenizer.model +preprocessor_config.json`,
  "torch files beside what training left": `
    +config.json +pytorch_model.bin training_args.bin optimizer.bin optimizer.pt
    scheduler.pt rng_state.pth +added_tokens.json`,
  "torch shards": `
    +pytorch_model.bin.index.json +pytorch_model-00001-of-00002.bin
    +pytorch_model-00002-of-00002.bin +config.json`,
  "one checkpoint of its authors": "+checkpoint.pt README.md .gitattributes",
  "variants of one model": `
    +model.safetensors model.fp16.safetensors +config.json
    model.fp16.safetensors.index.json`,
  "weights of another name": `
    +open_clip_pytorch_model.safetensors +open_clip_config.json
    open_clip_pytorch_model.bin`,
  "arrays": "+F6_haiku.npz README.md",
};

Deno.test("chooseFiles() takes what it takes to run a model", async (test) => {
  for (const [name, text] of Object.entries(REPOSITORIES)) {
    await test.step(name, () => {
      const words = text.trim().split(/\s+/);
      const paths = words.map((word) => word.replace("+", ""));
      const wanted = paths.filter((_, i) => words[i]?.startsWith("+"));
      assert.deepEqual(chosen(paths), wanted);
      assert.ok(chooseFiles(paths, [], "x").hasWeights);
    });
  }
});

Deno.test("chooseFiles() knows that weights of other formats are left", () => {
  const paths = ["config.json", "model-Q4_K_M.gguf"];
  assert.deepEqual(chosen(paths), ["config.json"]);
  assert.equal(chooseFiles(paths, [], "x").hasWeights, false);
  assert.equal(chooseFiles(paths, ["*.gguf"], "x").hasWeights, true);
});

Deno.test("chooseFiles() takes what globs fit, and nothing else", () => {
  const paths = ["a.bin", "b.bin", "in/a.bin", "in/deep/c.bin", "[x].bin"];
  assert.deepEqual(chosen(paths, "*.bin"), ["a.bin", "b.bin", "[x].bin"]);
  assert.deepEqual(chosen(paths, "**/a.bin"), ["a.bin", "in/a.bin"]);
  assert.deepEqual(chosen(paths, "in/"), ["in/a.bin", "in/deep/c.bin"]);
  assert.deepEqual(chosen(paths, "[x].bin"), ["[x].bin"], "a name as it is");
  assert.throws(
    () => chosen(paths, "a.bin", "c.bin"),
    /Cannot pull "c\.bin" of owner\/name as no file of it fits/,
  );
});
