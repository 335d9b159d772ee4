import assert from "node:assert/strict";
import { join } from "node:path";
import { gguf } from "@huggingface/gguf";
import { quantize, WEIGHT_FORMATS } from "../../../mod.ts";
import { storedMetadata } from "../../../plugins/gguf/stored_metadata.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { inFolder, logitsOf, modelPath } from "./models.ts";
import {
  FAMILIES,
  type Family,
  tokenLogits,
  writeWholeBlocks,
} from "./whole_blocks.ts";

for (const family of Object.keys(FAMILIES) as Family[]) {
  Deno.test(`quantize() ${family} into a GGUF file: loads as the model itself with --weights-as`, async () => {
    await inFolder(async (folder) => {
      const model = await writeWholeBlocks(folder, family);
      const exact = await tokenLogits(model, "f32");
      for (const to of WEIGHT_FORMATS) {
        const out = join(folder, `${to}.gguf`);
        const { tensors, container } = await quantize(model, out, { to });
        assert.equal(container, "gguf");
        assert.deepEqual(tensors.filter(({ note }) => note), []);
        const written = await tokenLogits(out, "stored");
        assert.deepEqual(written, await tokenLogits(model, to));
        assert.equal(
          written.every((value, i) => value === exact[i]),
          to === "f32",
        );
      }
    });
  });
}

const GOLDEN = [
  "llama_tied",
  "llama_llama3",
  "llama_linear",
  "llama_yarn",
  "mpt_plain",
  "gpt_neox_parallel",
  "gpt2_tied",
];

for (const name of GOLDEN) {
  Deno.test(`quantize() ${name} into a GGUF file in f32 changes nothing`, async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "out.gguf");
      await quantize(modelPath(name), out, { to: "f32" });
      const inputs = modelPath(name, "inputs.safetensors");
      const written = await logitsOf(out, "stored", inputs);
      const given = await logitsOf(modelPath(name), "stored", inputs);
      const values = (bytes: Uint8Array) =>
        new Float32Array(bytes.slice().buffer);
      // Scaled rotary positions come back through f32 factors.
      const off = values(written).map((value, i) =>
        Math.abs(value - values(given)[i]!)
      );
      const most = off.reduce((a, b) => Math.max(a, b));
      assert.ok(most <= (name === "llama_llama3" ? 1e-4 : 0), `${most}`);
    });
  });
}

Deno.test("quantize() says in a GGUF file what other readers look for", async () => {
  await inFolder(async (folder) => {
    const model = await writeWholeBlocks(folder, "llama", { name: "Tiny" });
    const out = join(folder, "out.gguf");
    const report = await quantize(model, out, { to: "q4_0" });
    const { metadata, tensorInfos } = await gguf(out, {
      allowLocalFile: true,
    });
    assert.equal(metadata["general.architecture"], "llama");
    assert.equal(metadata["general.name"], "Tiny");
    assert.equal(metadata["general.file_type"], 2);
    assert.equal(metadata["general.quantization_version"], 2);
    assert.equal(metadata["llama.attention.head_count_kv"], 2);
    const types = new Map(
      tensorInfos.map(({ name, dtype }) => [name, dtype as number]),
    );
    assert.equal(types.get("blk.0.ffn_up.weight"), 2);
    assert.equal(types.get("token_embd.weight"), 8);
    assert.equal(types.get("output.weight"), 8);
    assert.equal(types.get("blk.0.attn_norm.weight"), 0);
    assert.deepEqual(
      report.tensors.map((tensor) => tensor.name).sort(),
      [...types.keys()].sort(),
    );
    for (const { name, bytesAfter } of report.tensors) {
      using file = await openGguf(out);
      assert.equal(file.tensors.get(name)!.sizeBytes, bytesAfter);
    }
  });
});

Deno.test("quantize() carries the metadata of a GGUF file", async () => {
  await inFolder(async (folder) => {
    const source = modelPath("gguf", "llama_yarn.gguf");
    const out = join(folder, "out.gguf");
    await quantize(source, out, { to: "bf16" });
    const before = await storedMetadata(source);
    const after = await storedMetadata(out);
    for (const [key, value] of before) {
      if (key === "general.file_type") continue;
      assert.deepEqual(after.get(key), value, key);
    }
    const again = join(folder, "again.gguf");
    await quantize(out, again, { to: "bf16" });
    assert.deepEqual(await Deno.readFile(again), await Deno.readFile(out));
  });
});

Deno.test("quantize() rows that are no whole blocks become f16 in a GGUF file", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out.gguf");
    const model = modelPath("mpt_plain");
    const { tensors } = await quantize(model, out, { to: "q4_1" });
    const of = (name: string) => tensors.find((each) => each.name === name);
    assert.deepEqual(
      [of("blk.0.ffn_up.weight")!.to, of("blk.0.ffn_up.weight")!.note],
      ["f16", "40 columns are no whole blocks of 32"],
    );
    assert.equal(of("blk.0.ffn_down.weight")!.to, "q4_1");
    assert.equal(of("blk.0.ffn_down.weight")!.note, undefined);
  });
});

Deno.test("quantize() refuses models that GGUF has no place for", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out.gguf");
    const refusal = (model: string) =>
      assert.rejects(
        quantize(modelPath(...model.split("/")), out, { to: "f16" }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "config");
          assert.match(error.message, /folder/);
          return true;
        },
        model,
      );
    await refusal("opt_plain");
    await refusal("idefics_base");
    await refusal("clip_vit_quick");
    await refusal("gpt2_scaled");
    await refusal("gpt_neox_tied");
    await refusal("mpt_learned");
    await refusal("llama_longrope");
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});
