import assert from "node:assert/strict";
import { join } from "node:path";
import { readSafetensors } from "../../mod.ts";
import { rookery } from "./recorded_output.ts";

const MODEL = new URL("../golden/models/mpt_plain", import.meta.url).pathname;

Deno.test("quantize writes a table, JSON, and a model that --model opens", async () => {
  const folder = await Deno.makeTempDir();
  const out = join(folder, "small");
  const { code, out: text, notes } = await rookery(
    "quantize",
    MODEL,
    out,
    ..."--to q4_0 --keep *.attn.*".split(" "),
  );
  assert.equal(code, 0, notes);
  assert.match(text, /^.*small \(folder\)\nformat +tensors +before +after\n/);
  assert.match(text, /f32 → q4_0 +4 .* KiB\n/);
  assert.match(text, /f32 → q8_0 +1 /);
  assert.match(text, /f32 → f32 +4 .*kept\n/);
  assert.match(text, /all +\d+ .* 0\.\d+ of the bytes before\n$/);

  const file = join(folder, "small.gguf");
  const said = await rookery("quantize", out, file, "--to", "f32", "--json");
  assert.equal(said.code, 0, said.notes);
  const report = JSON.parse(said.out);
  assert.deepEqual(
    [report.out, report.container, report.ratio > 1],
    [file, "gguf", true],
  );
  assert.equal(
    report.types.reduce(
      (sum: number, each: { tensors: number }) => sum + each.tensors,
      0,
    ),
    report.tensors.length,
  );

  const inputs = join(MODEL, "inputs.safetensors");
  const logits = async (...words: string[]) => {
    const path = join(folder, "logits.safetensors");
    const ran = await rookery(
      "logits",
      ...["--inputs", inputs, "--out", path, "--device", "cpu", ...words],
    );
    assert.equal(ran.code, 0, ran.notes);
    return (await readSafetensors(path)).get("logits")!.values;
  };
  const folderLogits = await logits("--model", out);
  assert.deepEqual(await logits("--model", file), folderLogits);
  const eight = await logits("--model", MODEL, "--weights-as", "q8_0");
  assert.deepEqual(await logits("--model", MODEL, "--dtype", "q8_0"), eight);
  assert.notDeepEqual(eight, folderLogits);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("quantize and --weights-as refuse wrong usage with exit code 2", async () => {
  const refused = async (message: RegExp, ...words: string[]) => {
    const { code, notes } = await rookery(...words);
    assert.equal(code, 2, notes);
    assert.match(notes, message);
  };
  await refused(/with 1 of IN OUT: 2 are needed/, "quantize", MODEL);
  await refused(/without --to/, "quantize", MODEL, "out");
  await refused(
    /"q4".*one of f32, f16/,
    ..."quantize a b --to q4".split(" "),
  );
  await refused(
    /it is there already/,
    ..."quantize rookery-small docs --to q8_0".split(" "),
  );
  await refused(
    /--dtype twice: .*--weights-as and --dtype are one option/,
    ..."caption a.png --weights-as f16 --dtype f16".split(" "),
  );
});
