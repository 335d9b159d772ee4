import assert from "node:assert/strict";
import { join } from "node:path";
import {
  assemble,
  createDevice,
  type Device,
  type Flamingo,
} from "../../mod.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import { RookeryError } from "../../core/errors.ts";
import { writeSafetensors } from "../../plugins/safetensors/writer.ts";
import { createRandom } from "../support/random.ts";
import {
  tinyFilesConfig,
  tinyPicture,
  tinyPlugins,
} from "../support/tiny_model.ts";
import { saveTinyWeights, tinyWeights } from "../support/tiny_weights.ts";

const MIB = 2 ** 20;

/** Sizes of a checkpoint of many layers: 12.3 MiB, a layer 0.77 MiB. */
const SIZES = { layers: 16, width: 128, ffnWidth: 384, vocabulary: 256 };

Deno.test("streamed layers: a checkpoint larger than the budget gives the logits of the whole, bit for bit", async () => {
  await using folder = await manyLayers();
  using roomy = await createDevice();
  using small = await createDevice({ memoryBytes: 6 * MIB });
  const expected = await textRun(await open(folder.path, roomy));
  await assert.rejects(open(folder.path, small), (error) => {
    assert(error instanceof RookeryError);
    assert.equal(error.code, "memory");
    assert.match(error.message, /--stream-layers.*need only \d/);
    return true;
  });
  assert.equal(small.memory.heldBytes, 0);
  const model = await open(folder.path, small, true);
  const actual = await textRun(model);
  assert.deepEqual(actual, expected);
  assert.ok(small.memory.heldBytes <= 6 * MIB);
  const { staging } = small.memory.heldByKind;
  assert.ok(staging! < 2 * MIB, `staging areas hold ${staging}`);
  model[Symbol.dispose]();
  assert.equal(small.memory.heldBytes, 0);
});

Deno.test("streamed layers: no budget for two blocks is a memory error with the numbers", async () => {
  await using folder = await manyLayers();
  using device = await createDevice({ memoryBytes: MIB });
  await assert.rejects(open(folder.path, device, true), {
    code: "memory",
    message: /--device-memory/,
  });
});

for (const device of ["auto", "cpu"] as const) {
  Deno.test(`streamed layers: pictures, text and sampling are those of the resident model on ${device}`, async () => {
    const path = await Deno.makeTempDir();
    try {
      await saveTinyWeights(path, tinyWeights({ gates: "random", seed: 3 }));
      using opened = await createDevice({ device });
      const run = async (streamLayers: boolean, dtype: "stored" | "q8_0") => {
        const options = { device: opened, plugins: tinyPlugins(), base: path };
        const config = tinyFilesConfig();
        using model = await assemble(config, {
          ...options,
          dtype,
          streamLayers,
        });
        return await pictureRun(model);
      };
      for (const dtype of ["stored", "q8_0"] as const) {
        assert.deepEqual(await run(true, dtype), await run(false, dtype));
      }
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}

Deno.test("streamed layers: a file that is cut short while open fails the run, not the model", async () => {
  await using folder = await manyLayers();
  using device = await createDevice();
  using model = await open(folder.path, device, true);
  const file = join(folder.path, "model.safetensors");
  const bytes = await Deno.readFile(file);
  await Deno.truncate(file, bytes.length / 2);
  await assert.rejects(textRun(model), { code: "file" });
  await Deno.writeFile(file, bytes);
  assert.equal((await textRun(model)).tokens.length, 6);
});

function open(
  path: string,
  device: Device,
  streamLayers: boolean = false,
): Promise<Flamingo> {
  return assemble(path, {
    device,
    streamLayers,
    engine: { tokens: 32, context: 64 },
  });
}

/** Logits of a chunk, and greedy tokens drawn after it in several steps. */
async function textRun({ engine }: Flamingo) {
  const chunk = { tokens: [3, 1, 4, 1, 5], media: [0, 0, 0, 0, 0] };
  const first = engine.open();
  const logits = await engine.logits(first, chunk);
  engine.close(first);
  const sequence = engine.open({ maxTokens: 6 });
  await engine.step([{ sequence, chunk, draws: 1 }]);
  await engine.step([{ sequence, draws: 5 }]);
  const tokens = sequence.samples.map(({ token }) => token);
  engine.close(sequence);
  return { logits, tokens };
}

/** Text after two pictures, and its likelihoods. */
async function pictureRun(model: Flamingo) {
  const prompt = [
    { image: tinyPicture(1) },
    { text: "ab" },
    { image: tinyPicture(2) },
    { text: "c" },
  ];
  // Where pieces end depends on how fast they came.
  let all = "";
  const settings = { maxTokens: 5, temperature: 0.7, seed: 11 };
  for await (const { text } of model.generate(prompt, settings)) {
    all += text;
  }
  return { text: all, scores: await model.score(prompt, ["ab", "c"]) };
}

/** A Hugging Face folder of a small llama with many layers. */
async function manyLayers(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  const { layers, width, ffnWidth, vocabulary } = SIZES;
  const random = createRandom(5);
  const tensors: { name: string; shape: number[] }[] = [];
  const add = (name: string, ...shape: number[]) =>
    tensors.push({ name, shape });
  add("model.embed_tokens.weight", vocabulary, width);
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`;
    add(`${at}.input_layernorm.weight`, width);
    for (const name of ["q", "k", "v", "o"]) {
      add(`${at}.self_attn.${name}_proj.weight`, width, width);
    }
    add(`${at}.post_attention_layernorm.weight`, width);
    add(`${at}.mlp.gate_proj.weight`, ffnWidth, width);
    add(`${at}.mlp.up_proj.weight`, ffnWidth, width);
    add(`${at}.mlp.down_proj.weight`, width, ffnWidth);
  }
  add("model.norm.weight", width);
  add("lm_head.weight", vocabulary, width);
  const files = await Promise.all(tensors.map(async ({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const scale = Math.sqrt(3 / shape.at(-1)!);
    const values = new Float32Array(size).map(() =>
      shape.length === 1 ? 1 : scale * (2 * random() - 1)
    );
    const stored = inMemory(name, shape, values);
    return { ...stored, data: await stored.read(0, stored.sizeBytes) };
  }));
  await writeSafetensors(join(path, "model.safetensors"), files);
  const config = {
    model_type: "llama",
    num_hidden_layers: layers,
    hidden_size: width,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    intermediate_size: ffnWidth,
    vocab_size: vocabulary,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    max_position_embeddings: 256,
    tie_word_embeddings: false,
    hidden_act: "silu",
  };
  await Deno.writeTextFile(join(path, "config.json"), JSON.stringify(config));
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
