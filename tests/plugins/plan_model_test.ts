import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type ModelPlan,
  parseConfig,
  planModel,
  type RookeryError,
} from "../../mod.ts";
import { tinyConfigJson, tinyPlugins } from "../support/tiny_model.ts";
import { TINY } from "../support/tiny_weights.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url).pathname;

/** Parameters of each part, by preset. */
async function counts(preset: string): Promise<Record<string, number>> {
  const { parts } = await planModel(preset);
  return Object.fromEntries(
    Object.entries(parts).map(([slot, part]) => [slot, part!.parameters]),
  );
}

/** Whether a count prints as `rounded`, to within one percent. */
function assertAbout(count: number, rounded: number): void {
  const off = Math.abs(count / rounded - 1);
  assert(off <= 0.01, `${count} is not about ${rounded}`);
}

const OPEN_CLIP = 303_179_776, OPEN_RESAMPLER = 63_019_008;

for (
  const [preset, crossAttention, language] of [
    ["openflamingo-3b", 881_000_496, 1.31e9],
    ["openflamingo-3b-instruct", 881_000_496, 1.31e9],
    ["openflamingo-4b", 897_744_928, 2.78e9],
    ["openflamingo-4b-instruct", 897_744_928, 2.78e9],
    ["openflamingo-9b", 1_115_815_952, 6.65e9],
  ] as const
) {
  Deno.test(`planModel() counts ${preset} to the last parameter`, async () => {
    const found = await counts(preset);
    assert.equal(found.vision, OPEN_CLIP);
    assert.equal(found.resampler, OPEN_RESAMPLER);
    assert.equal(found.crossAttention, crossAttention);
    assertAbout(found.language!, language);
    const { trainable, frozen, total } = await planModel(preset);
    assert.equal(trainable, OPEN_RESAMPLER + crossAttention);
    assert.equal(frozen, OPEN_CLIP + found.language!);
    assert.equal(total, trainable + frozen);
  });
}

for (
  const [preset, language, crossAttention, total] of [
    ["flamingo-3b", "1.4", 1.208e9, 3.2e9],
    ["flamingo-9b", "7.1", 1.611e9, 9.3e9],
    ["flamingo-80b", "70", 9.66e9, 80e9],
  ] as const
) {
  Deno.test(`planModel() has the paper's counts of ${preset}`, async () => {
    const found = await counts(preset);
    assert.equal(found.vision, 435_286_116);
    assertAbout(found.resampler!, 194e6);
    assertAbout(found.crossAttention!, crossAttention);
    assertAbout((await planModel(preset)).total, total);
    assert.equal((found.language! / 1e9).toPrecision(2), language);
  });
}

Deno.test("planModel() has the exact counts of the paper's parts", async () => {
  // 13 · width² · layers of a language model, 12 · width² of a gated block,
  // and vectors.
  for (
    const [preset, width, layers, gated] of [
      ["flamingo-3b", 2048, 24, 24],
      ["flamingo-9b", 4096, 32, 8],
      ["flamingo-9b-40", 4096, 40, 10],
      ["flamingo-80b", 8192, 80, 12],
    ] as const
  ) {
    const { language, crossAttention } = await counts(preset);
    const norms = 2 * width, biases = 2 * width;
    const block = 13 * width ** 2 + norms + biases;
    assert.equal(language, layers * block + 32_000 * width + width, preset);
    const gatedBlock = 12 * width ** 2 + 2 * norms + 2;
    const adapter = 1536 * width;
    assert.equal(crossAttention, gated * gatedBlock + adapter, preset);
  }
});

Deno.test("planModel() has the counts of IDEFICS", async () => {
  for (
    const [preset, gated, total] of [
      ["idefics-9b", 1.435e9, 8.93e9],
      ["idefics-80b", 13.93e9, 80e9],
    ] as const
  ) {
    const plan = await planModel(preset);
    const { crossAttention, resampler, vision } = plan.parts;
    assertAbout(crossAttention!.parameters, gated);
    assert.equal(resampler!.parameters, 125_961_984);
    assert.equal(vision!.parameters, 630_766_080);
    assertAbout(plan.total, total);
    assert.equal(plan.frozen, plan.total - plan.trainable);
    const tuned = await planModel(`${preset}-instruct`);
    assert.equal(tuned.frozen, 0);
    assert.equal(tuned.trainable, tuned.total);
  }
});

Deno.test("planModel() has the counts of flamingo-mini", async () => {
  // Its authors count trained embeddings, and no vision encoder.
  for (
    const [preset, trained, total, embeddingWidth] of [
      ["flamingo-mini", 529e6, 835e6, 512],
      ["flamingo-tiny", 180e6, 267e6, 768],
    ] as const
  ) {
    const plan = await planModel(preset);
    assertAbout(plan.trainable + 50_273 * embeddingWidth, trained);
    assertAbout(plan.total - plan.parts.vision!.parameters, total);
  }
});

Deno.test("planModel() counts the default model as its files have it", async () => {
  assert.deepEqual(await counts("rookery-small"), {
    vision: 3_371_008,
    resampler: 3_019_776,
    crossAttention: 9_893_388,
    language: 134_515_008,
  });
});

Deno.test("planModel() counts what parts fold as their authors do", async () => {
  const vision = async (part: Record<string, unknown>) => {
    const json = { kind: "vision", schema: 1, vision: part };
    const { parts } = await planModel(parseConfig(json, "vision"));
    return parts.vision!.parameters;
  };
  const f6 = { part: "nfnet/encoder", size: "F6" };
  assert.equal(await vision({ ...f6, finalConv: true }), 435_286_116);
  assert.equal(await vision({ ...f6, finalConv: false }), 430_561_380);
  const clip = { part: "clip/vit", size: "L/14" };
  assert.equal(await vision(clip), OPEN_CLIP);
  assert.equal(await vision({ ...clip, postNorm: true }), OPEN_CLIP);
});

Deno.test("planModel() tells bytes, caches and work", async () => {
  const { parts, ...plan } = await planModel("openflamingo-3b");
  const { language, crossAttention } = parts;
  // 50,280 rows of the embedding are padded to 50,288.
  const padding = 8 * 2048 * 4;
  assert.equal(language!.bytes.f32, 4 * language!.parameters + padding);
  const { f32, f16, int8, int4 } = crossAttention!.bytes;
  // 8.5 and 5 bits a weight, and vectors in f32.
  assert(f16 > f32 / 2 && f16 < 0.501 * f32);
  assert(int8 > f32 * 8.5 / 32 && int8 < f32 * 8.55 / 32);
  assert(int4 > f32 * 5 / 32 && int4 < f32 * 5.05 / 32);
  assert.equal(plan.kvBytesPerToken, 24 * 2 * 2048 * 4);
  assert.equal(plan.mediaBytesPerImage, 24 * 2 * 512 * 64 * 4);
  const half = await planModel("openflamingo-3b", { activations: "f16" });
  assert.equal(half.kvBytesPerToken, plan.kvBytesPerToken / 2);
  assert.equal(half.mediaBytesPerImage, plan.mediaBytesPerImage / 2);
  // Two operations a weight that a token meets, and the attention.
  const { image, promptToken, decodeToken } = plan.flops;
  const met = 2 * (language!.parameters + crossAttention!.parameters);
  assert(decodeToken! > 0.98 * met && decodeToken! < 1.05 * met);
  assert(promptToken! < decodeToken!); // one head for 128 tokens
  const seen = 2 * 257 * parts.vision!.parameters;
  assert(image! > seen && image! < 1.3 * seen);
});

Deno.test("planModel() plans bare language models and encoders", async () => {
  const language = await planModel(join(GOLDEN, "llama_tied"));
  assert.deepEqual(Object.keys(language.parts), ["language"]);
  assert.equal(language.mediaBytesPerImage, 0);
  assert.equal(language.trainable, 0);
  assert.equal(language.flops.image, null);
  const clip = await planModel(join(GOLDEN, "clip_largest"));
  assert.deepEqual(Object.keys(clip.parts), ["vision", "text"]);
  assert.equal(clip.flops.decodeToken, null);
  assert.equal(clip.flops.promptToken, null);
  assert(clip.flops.image! > 0);
});

Deno.test("planModel() writes the same keys for every model", async () => {
  const keysOf = (plan: ModelPlan) =>
    Object.keys(JSON.parse(JSON.stringify(plan)));
  const expected = [
    "name",
    "parts",
    "total",
    "trainable",
    "frozen",
    "kvBytesPerToken",
    "mediaBytesPerImage",
    "flops",
    "device",
  ];
  assert.deepEqual(keysOf(await planModel("idefics-9b")), expected);
  const { device, flops } = await planModel(join(GOLDEN, "llama_tied"));
  assert.deepEqual(Object.keys(flops), ["image", "promptToken", "decodeToken"]);
  assert.deepEqual(device, {
    name: null,
    memoryBytes: null,
    fits: { f32: null, f16: null, int8: null, int4: null },
    why: ["no device was asked"],
  });
});

Deno.test("planModel() trains what the config says", async () => {
  const plan = async (trained?: unknown) =>
    await planModel(parseConfig({ ...tinyConfigJson(), trained }, "tiny"), {
      plugins: tinyPlugins(),
    });
  const trainedParts = ({ parts }: ModelPlan) =>
    Object.entries(parts).filter(([, part]) => part!.trainable)
      .map(([slot]) => slot);
  assert.deepEqual(trainedParts(await plan()), ["resampler", "crossAttention"]);
  assert.deepEqual(trainedParts(await plan(["vision"])), ["vision"]);
  assert.deepEqual(trainedParts(await plan([])), []);
  await assert.rejects(
    plan(["image"]),
    (error: RookeryError) => /trained\.0.*image/s.test(error.message),
  );
});

Deno.test("planModel() reports all misfits at once", async () => {
  const json = tinyConfigJson();
  const broken = {
    ...json,
    language: { part: "llama/decoder", layers: 3 },
    crossAttention: { dialect: "open_flamingo", layers: [0, TINY.layers] },
    resampler: { dialect: "paper", inputProjection: false },
  };
  await assert.rejects(
    planModel(parseConfig(broken, "broken"), { plugins: tinyPlugins() }),
    (error: RookeryError) => {
      assert.equal(error.code, "config");
      assert.match(error.message, /Cannot outline tiny/);
      assert.match(error.message, /llama\/decoder.*width, heads/s);
      assert.match(error.message, /inputProjection/);
      return true;
    },
  );
});
