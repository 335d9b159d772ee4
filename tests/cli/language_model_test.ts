import assert from "node:assert/strict";
import { join } from "node:path";
import { writeSafetensors } from "../../mod.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { rookery } from "./recorded_output.ts";

const GOLDEN = new URL("../golden/", import.meta.url).pathname;
/** Ids of the golden LLaMA; its tokenizer is cut to them. */
const VOCABULARY = 131;

/** What of a tokenizer file is changed here. */
interface TokenizerFile {
  readonly model: {
    vocab: Record<string, number>;
    merges: unknown[];
  };
}

/** The golden LLaMA as a Hugging Face folder with a tokenizer of bytes. */
async function llamaFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const file of ["config.json", "model.safetensors"]) {
    await Deno.copyFile(
      join(GOLDEN, "models/llama_tied", file),
      join(folder, file),
    );
  }
  const path = join(GOLDEN, "tokenizer/tiny/tokenizer.json");
  const file = JSON.parse(await Deno.readTextFile(path)) as TokenizerFile;
  const { model } = file;
  model.vocab = Object.fromEntries(
    Object.entries(model.vocab).filter(([, id]) => id < VOCABULARY),
  );
  model.merges = [];
  await Deno.writeTextFile(
    join(folder, "tokenizer.json"),
    JSON.stringify(file),
  );
  return folder;
}

Deno.test("generate goes on from text with a Hugging Face folder", async () => {
  const folder = await llamaFolder();
  const words = ["--model", folder, "--text", "Hi", "--json"];
  const { code, out, notes } = await rookery("generate", ...words);
  assert.equal(code, 0, notes);
  const [json] = out.trimEnd().split("\n").slice(-1) as [string];
  const { text, tokens } = JSON.parse(json);
  assert(tokens > 1 && tokens <= 64);
  assert.equal(out, `${text}\n${json}\n`);

  // The first letter is that of the largest logit after the same tokens.
  const tokenizer = JSON.parse(
    await Deno.readTextFile(join(folder, "tokenizer.json")),
  ) as TokenizerFile;
  const { vocab } = tokenizer.model;
  const [inputs, result] = [join(folder, "in"), join(folder, "out")];
  await writeSafetensors(inputs, [{
    name: "input_ids",
    shape: [1, 2],
    format: "i32",
    data: new Uint8Array(new Int32Array([vocab["H"]!, vocab["i"]!]).buffer),
  }]);
  const files = ["--inputs", inputs, "--out", result];
  const ran = await rookery("logits", "--model", folder, ...files, "--json");
  assert.deepEqual(JSON.parse(ran.out).shapes, { logits: [1, 2, VOCABULARY] });
  const logits = (await readSafetensors(result)).get("logits")!
    .values as Float32Array;
  const last = logits.subarray(VOCABULARY);
  const best = last.indexOf(Math.max(...last));
  const [letter] = Object.entries(vocab).find(([, id]) => id === best)!;
  assert.equal(text[0], letter);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("generate refuses pictures without vision, and long prompts", async () => {
  const folder = await llamaFolder();
  await Deno.writeTextFile(join(folder, "a.png"), "");
  const prompt = join(folder, "prompt.json");
  await Deno.writeTextFile(prompt, '[{"image":"a.png"},{"text":"x"}]');
  const words = ["generate", "--model", folder];
  const picture = await rookery(...words, "--prompt", prompt);
  assert.equal(picture.code, 1);
  assert.match(picture.notes, /picture in a prompt .* without vision/s);
  const long = await rookery(...words, "--text", "x".repeat(300));
  assert.equal(long.code, 1);
  assert.match(long.notes, /300 tokens .*256/s);
  assert.equal(long.out, "");
  await Deno.remove(folder, { recursive: true });
});
