import assert from "node:assert/strict";
import { join } from "node:path";
import {
  quantize,
  type QuantizeOptions,
  type QuantizeProgress,
  readSafetensors,
  writeSafetensors,
} from "../../../mod.ts";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import { inFolder, modelPath } from "./models.ts";
import { tokenLogits, writeWholeBlocks } from "./whole_blocks.ts";

const LLAMA = modelPath("llama_tied");

/** The error of a run, after checking its code. */
async function failure(
  code: string,
  out: string,
  options: QuantizeOptions,
  model = LLAMA,
): Promise<string> {
  let message = "";
  await assert.rejects(
    quantize(model, out, options),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message);
      message = error.message;
      return true;
    },
  );
  return message;
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("quantize() keeps embedding and head at q8_0 beside four bits", async () => {
  await inFolder(async (folder) => {
    const model = await writeWholeBlocks(folder, "llama");
    const formats = async (options: QuantizeOptions) => {
      const out = join(folder, crypto.randomUUID());
      const { tensors } = await quantize(model, out, options);
      const of = (name: string) => tensors.find((each) => each.name === name)!;
      return [
        "model.embed_tokens.weight",
        "lm_head.weight",
        "model.layers.0.mlp.up_proj.weight",
        "model.layers.1.mlp.up_proj.weight",
        "model.norm.weight",
      ].map((name) => of(name).to).join(" ");
    };
    assert.equal(await formats({ to: "q4_0" }), "q8_0 q8_0 q4_0 q4_0 f32");
    assert.equal(await formats({ to: "bf16" }), "bf16 bf16 bf16 bf16 f32");
    assert.equal(
      await formats({ to: "q4_1", embedding: "q4_1" }),
      "q4_1 q4_1 q4_1 q4_1 f32",
    );
    assert.equal(
      await formats({ to: "q8_0", keep: ["*.1.mlp.*", "lm_head.weight"] }),
      "q8_0 f32 q8_0 f32 f32",
    );
  });
});

Deno.test("quantize() embeddings of their own format load as with dtype.embedding", async () => {
  await inFolder(async (folder) => {
    const model = await writeWholeBlocks(folder, "gpt2");
    const out = join(folder, "out");
    await quantize(model, out, { to: "q8_0", embedding: "q4_1" });
    const dtype = { language: "q8_0", embedding: "q4_1" } as const;
    const written = await tokenLogits(out, "stored");
    assert.deepEqual(written, await tokenLogits(model, dtype));
    assert.notDeepEqual(written, await tokenLogits(model, "q8_0"));
  });
});

Deno.test("quantize() reads what it wrote, and copies blocks of the same format", async () => {
  await inFolder(async (folder) => {
    const [first, second] = ["first", "second"].map((name) =>
      join(folder, name)
    ) as [string, string];
    await quantize(modelPath("idefics_base"), first, { to: "q4_0" });
    await quantize(first, second, { to: "q4_0" });
    const bytes = (out: string, part: string) =>
      Deno.readFile(join(out, part, "model.safetensors"));
    for (const part of ["vision", "resampler", "crossAttention", "language"]) {
      assert.deepEqual(await bytes(second, part), await bytes(first, part));
    }
    assert.deepEqual(names(join(second, "tokenizer")), [
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
  });
});

Deno.test("quantize() other programs see blocks as bytes", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await quantize(LLAMA, out, { to: "q8_0" });
    using file = await openSafetensors(
      join(out, "language", "model.safetensors"),
    );
    const up = file.tensors.get("model.layers.0.mlp.up_proj.weight")!;
    // 48 columns are one block and a half: two.
    assert.deepEqual([up.shape, up.format], [[88, 48], "q8_0"]);
    assert.equal(up.sizeBytes, 88 * 2 * 34);
  });
});

Deno.test("quantize() refuses wishes that nobody can meet", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    const to = "q5_0" as "q8_0";
    assert.match(
      await failure("usage", out, { to }),
      /"q5_0".*known formats are f32, f16, bf16, q8_0, q4_1, q4_0/,
    );
    assert.match(
      await failure("usage", out, { to: "f16", embedding: to }),
      /embedding "q5_0"/,
    );
    assert.match(
      await failure("usage", out, { to: "f16", keep: ["lm_haed.*"] }),
      /Cannot keep "lm_haed\.\*" as no tensor's name fits it/,
    );
    assert.match(
      await failure("config", out, { to: "f16" }, join(folder, "none")),
      /neither a preset .*nor an existing path/,
    );
    assert.match(
      await failure("weights", out, { to: "f16" }, "flamingo-3b"),
      /names no weights/,
    );
    assert.deepEqual(names(folder), []);
  });
});

Deno.test("quantize() replaces with force only what is its own", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await quantize(LLAMA, out, { to: "f32" });
    const options = { to: "q8_0" } as const;
    assert.match(await failure("usage", out, options), /use --force/);
    await quantize(LLAMA, out, { ...options, force: true });
    assert.match(
      await failure("usage", out, { ...options, force: true }, out),
      /is read from it: name another/,
    );
    const other = join(folder, "letters");
    await Deno.mkdir(other);
    await Deno.writeTextFile(join(other, "a.txt"), "dear reader");
    assert.match(
      await failure("usage", other, { ...options, force: true }),
      /folder without model\.json/,
    );
    const file = join(folder, "out.gguf");
    await Deno.writeTextFile(file, "old");
    await quantize(LLAMA, file, { ...options, force: true });
    assert.deepEqual(names(folder), ["letters", "out", "out.gguf"]);
    assert.deepEqual(names(other), ["a.txt"]);
    assert.ok((await Deno.stat(file)).size > 1000);
  });
});

Deno.test("quantize() leaves nothing where it fails, and an old output as it was", async () => {
  await inFolder(async (folder) => {
    const model = await writeWholeBlocks(folder, "mpt");
    const path = join(folder, "tiny.safetensors");
    const arrays = await readSafetensors(path);
    using source = await openSafetensors(path);
    const { metadata } = source;
    const name = "transformer.blocks.1.ffn.up_proj.weight";
    (arrays.get(name)!.values as Float32Array)[70] = 1e6;
    await writeSafetensors(
      path,
      [...arrays].map(([name, { shape, values }]) => ({
        name,
        shape,
        format: "f32" as const,
        data: new Uint8Array((values as Float32Array<ArrayBuffer>).buffer),
      })),
      metadata as Record<string, string>,
    );
    const before = names(folder);
    for (const out of [join(folder, "a.gguf"), join(folder, "b")]) {
      assert.match(
        await failure("numeric", out, { to: "f16" }, model),
        /Cannot write tensor .*up.* as f16 .* row 1, column 6 would be Infinity.* --keep/,
      );
      assert.deepEqual(names(folder), before);
      await quantize(model, out, { to: "bf16" });
      const old = await tokenLogits(out, "stored");
      await failure("numeric", out, { to: "f16", force: true }, model);
      assert.deepEqual(await tokenLogits(out, "stored"), old);
      await Deno.remove(out, { recursive: true });
    }
    const lost = join(folder, "no", "such", "folder");
    assert.match(
      await failure("file", lost, { to: "bf16" }, model),
      /Cannot write .*check the disk/,
    );
    assert.deepEqual(names(folder), before);
  });
});

Deno.test("quantize() reports every tensor as it is written", async () => {
  await inFolder(async (folder) => {
    const seen: QuantizeProgress[] = [];
    const report = await quantize(LLAMA, join(folder, "out"), {
      to: "f16",
      onProgress: (progress) => {
        if (progress.stage === "write") seen.push(progress);
      },
    });
    assert.deepEqual(
      seen.map(({ name }) => name).sort(),
      report.tensors.map(({ name }) => name).sort(),
    );
    const { doneBytes, totalBytes } = seen.at(-1)!;
    assert.equal(doneBytes, totalBytes);
    assert.equal(totalBytes, report.bytesAfter);
  });
});
