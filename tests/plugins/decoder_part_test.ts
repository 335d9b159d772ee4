import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { assemble } from "../../plugins/assemble.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { valuesOf } from "../../plugins/computed_tensor.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { logitsOf, pathOf } from "../models/check_language.ts";
import { openCheckpoint } from "../support/open_checkpoint.ts";
import { createRandom } from "../support/random.ts";

const TOKENS = [5, 9, 40, 3, 12];

/** Logits of a folder with tensors handed in for the language model. */
async function logits(
  folder: string,
  given: ReadonlyMap<string, StoredTensor>,
): Promise<Float32Array> {
  using device = await createDevice({ device: "cpu" });
  const weights = { language: given };
  using model = await assemble(pathOf(folder), { device, weights });
  return await logitsOf(model, TOKENS);
}

/** A folder's embedding, cut or with random rows below it. */
async function embedding(
  folder: string,
  name: string,
  change: number,
): Promise<StoredTensor> {
  using checkpoint = await openCheckpoint(pathOf(folder));
  const own = checkpoint.tensors.get(name)!;
  const [rows, width] = own.shape as [number, number];
  const values = new Float32Array((rows + change) * width);
  const random = createRandom(3);
  for (let i = 0; i < values.length; i++) values[i] = random() - 0.5;
  const known = await valuesOf(own);
  values.set(known.subarray(0, Math.min(known.length, values.length)));
  return inMemory(name, [rows + change, width], values);
}

/** Name of the embedding in the file and in the templates, and whether tied. */
const FOLDERS: [string, string, string, boolean][] = [
  [
    "gpt_neox_parallel",
    "gpt_neox.embed_in.weight",
    "gpt_neox.embed_in.weight",
    false,
  ],
  [
    "gpt_neox_tied",
    "gpt_neox.embed_in.weight",
    "gpt_neox.embed_in.weight",
    true,
  ],
  [
    "opt_plain",
    "model.decoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    false,
  ],
  [
    "opt_projected",
    "decoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    true,
  ],
  ["gpt2_untied", "transformer.wte.weight", "transformer.wte.weight", false],
  ["gpt2_tied", "wte.weight", "transformer.wte.weight", true],
];

for (const [folder, inFile, name, isTied] of FOLDERS) {
  Deno.test(`${folder}: an embedding that is handed in sets the vocabulary`, async () => {
    const usual = await logits(folder, new Map());
    const vocabulary = usual.length / TOKENS.length;
    for (const change of [3, -7]) {
      const given = new Map([[name, await embedding(folder, inFile, change)]]);
      const own = await logits(folder, given);
      assert.equal(own.length, TOKENS.length * (vocabulary + change));
      for (let token = 0; token < TOKENS.length; token++) {
        const start = token * (vocabulary + change);
        const row = own.subarray(start, start + vocabulary + change);
        const from = token * vocabulary;
        const expected = usual.subarray(from, from + vocabulary + change);
        const kept = Math.min(vocabulary, vocabulary + change);
        assert.deepEqual(row.slice(0, kept), expected.slice(0, kept));
        // New tokens of an untied head have no weights yet.
        const isFresh = row.slice(kept).every((each) =>
          (each !== 0) === isTied
        );
        assert.ok(isFresh);
      }
    }
  });
}

Deno.test("decoderPart() takes a head that is handed in beside the embedding", async () => {
  const names = ["gpt_neox.embed_in.weight", "embed_out.weight"];
  const given = new Map<string, StoredTensor>();
  for (const name of names) {
    given.set(name, await embedding("gpt_neox_parallel", name, 2));
  }
  const own = await logits("gpt_neox_parallel", given);
  const last = own.subarray(own.length - 2);
  assert.ok(last.every((value) => value !== 0));
});

/** The language section of a model without files, handed to its part. */
async function build(
  part: string,
  section: Record<string, unknown>,
): Promise<void> {
  using device = await createDevice({ device: "cpu" });
  const json = { kind: "language", schema: 1, language: { part, ...section } };
  const plugins = builtinPlugins();
  const initial = (name: string, shape: readonly number[]) =>
    inMemory(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const config = parseConfig(json, "sizes");
  using model = await assemble(config, { device, plugins, initial });
  assert.equal((await logitsOf(model, [1, 2])).length, 2 * 20);
}

const SIZES = {
  layers: 2,
  width: 12,
  heads: 2,
  ffnWidth: 16,
  vocabulary: 20,
  context: 32,
};

Deno.test("decoderPart() builds from the section's sizes, without any file", async () => {
  await build("gpt_neox/decoder", { ...SIZES, rotaryDims: 4 });
  await build("opt/decoder", SIZES);
  await build("gpt2/decoder", SIZES);
});

Deno.test("decoderPart() says which sizes are missing or impossible", async () => {
  await assert.rejects(
    build("gpt_neox/decoder", { layers: 2 }),
    /Cannot build gpt_neox\/decoder .* say width, heads, ffnWidth, vocabulary/,
  );
  await assert.rejects(
    build("gpt_neox/decoder", { ...SIZES, rotaryDims: 3 }),
    /3 elements of heads of width 6 cannot be rotated in pairs/,
  );
  await assert.rejects(
    build("gpt_neox/decoder", { ...SIZES, rotaryDims: 8 }),
    /8 elements of heads of width 6/,
  );
  const sections: Record<string, object> = {
    "gpt_neox/decoder": { ...SIZES, rotaryDims: 2 },
    "opt/decoder": SIZES,
    "gpt2/decoder": SIZES,
  };
  for (const [part, section] of Object.entries(sections)) {
    await assert.rejects(
      build(part, { ...section, heads: 5 }),
      /width 12 cannot be split into 5 heads evenly/,
    );
    await assert.rejects(
      build(part, { ...section, activation: "prelu" }),
      /language\.activation.*"prelu".*must be one of "relu"/s,
    );
  }
});
