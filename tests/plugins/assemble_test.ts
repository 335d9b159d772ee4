import assert from "node:assert/strict";
import { join } from "node:path";
import {
  assemble,
  type AssembleProgress,
  createDevice,
  type Device,
  type Flamingo,
  inMemory,
  parseConfig,
  type PromptItem,
  RookeryError,
} from "../../mod.ts";
import type { Misfit } from "../../plugins/misfits.ts";
import {
  tinyConfigJson,
  tinyFilesConfig,
  tinyFilesJson,
  tinyFlamingo,
  type TinyJson,
  tinyLanguageModel,
  tinyPicture,
  tinyPlugins,
} from "../support/tiny_model.ts";
import { saveTinyWeights, tinyWeights } from "../support/tiny_weights.ts";

const PROMPT: PromptItem<ReturnType<typeof tinyPicture>>[] = [
  { text: "hi" },
  { image: tinyPicture(1) },
  { text: "a bird" },
];

async function logitsOf(model: Flamingo): Promise<Float32Array> {
  const { sequence, chunk } = await model.open(PROMPT);
  return await model.engine.logits(sequence, chunk);
}

/** Runs a step in a folder with the tiny model's files. */
async function withFiles(
  step: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const weights = tinyWeights({ gates: "random", seed: 1 });
    await saveTinyWeights(folder, weights);
    await step(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The error that `assemble` refuses a config with. */
async function refusal(
  device: Device,
  json: TinyJson,
  options: Omit<Parameters<typeof assemble>[1], "device"> = {},
): Promise<{ code: string; message: string; misfits: string[] }> {
  try {
    using _ = await assemble(parseConfig(json, "tiny"), {
      device,
      plugins: tinyPlugins(),
      ...options,
    });
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    const { code, message, details } = error;
    const list = details.actual as readonly Misfit[];
    return {
      code,
      message,
      misfits: list.map(({ path, reason }) => `${path}: ${reason}`),
    };
  }
  return assert.fail("the config was not refused");
}

/** A config with some keys of a section changed. */
function changed(
  json: TinyJson,
  section: string,
  keys: Record<string, unknown>,
): TinyJson {
  return { ...json, [section]: { ...json[section] as object, ...keys } };
}

Deno.test("assemble() gives one model from files and from memory", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await tinyFlamingo(device);
  const expected = await logitsOf(model);
  await withFiles(async (folder) => {
    const progress: AssembleProgress[] = [];
    using read = await assemble(tinyFilesConfig(), {
      device,
      plugins: tinyPlugins(),
      base: folder,
      onProgress: (each) => progress.push(each),
    });
    assert.deepEqual(await logitsOf(read), expected);
    const last = progress.at(-1)!;
    assert.equal(last.stage, "load");
    assert.equal(last.doneBytes, last.totalBytes);
  });
});

Deno.test("assemble() takes a config file's path and a folder's", async () => {
  using device = await createDevice({ device: "cpu" });
  await withFiles(async (folder) => {
    const path = join(folder, "model.json");
    await Deno.writeTextFile(path, JSON.stringify(tinyFilesJson()));
    const plugins = tinyPlugins();
    using model = await assemble(path, { device, plugins });
    using language = await assemble(join(folder, "llama"), { device });
    using expected = await tinyLanguageModel(device);
    const tokens = [5, 6, 7], media = [0, 0, 0];
    const [one, other] = await Promise.all(
      [language, expected].map(({ engine }) =>
        engine.logits(engine.open(), { tokens, media })
      ),
    );
    assert.deepEqual(one, other);
    assert.equal(language.marks, undefined);
    assert.deepEqual(model.marks?.image, [1]);
    assert.throws(
      () => language.tokenizer.encode("text"),
      /only token ids: there is no tokenizer beside its weights/,
    );
  });
});

Deno.test("closed gates leave the language model's logits, bit by bit", async () => {
  for (const name of ["cpu", "auto"] as const) {
    using device = await createDevice({ device: name });
    using model = await tinyFlamingo(device, { gates: 0 });
    using bare = await tinyLanguageModel(device);
    const { sequence, chunk } = await model.open(PROMPT);
    const seen = await model.engine.logits(sequence, chunk);
    const media = chunk.tokens.map(() => 0);
    const blind = { tokens: chunk.tokens, media };
    assert.deepEqual(seen, await bare.engine.logits(bare.engine.open(), blind));
  }
});

Deno.test("assemble() rounds matrices to the wanted precision", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await tinyFlamingo(device);
  const exact = await logitsOf(model);
  const errorOf = async (dtype: "f32" | "f16" | "q8_0" | "q4_1") => {
    using other = await tinyFlamingo(device, { dtype });
    const logits = await logitsOf(other);
    return Math.max(...logits.map((value, i) => Math.abs(value - exact[i]!)));
  };
  assert.equal(await errorOf("f32"), 0);
  const [half, eight, four] = [
    await errorOf("f16"),
    await errorOf("q8_0"),
    await errorOf("q4_1"),
  ];
  assert.ok(
    half > 0 && half < eight && eight < four,
    `${half} ${eight} ${four}`,
  );
});

Deno.test("assemble() reports every misfit of a config at once", async () => {
  using device = await createDevice({ device: "cpu" });
  let json = changed(tinyConfigJson(), "resampler", { dept: 2 });
  json = changed(json, "image", { px: 17 });
  json = changed(json, "tokens", { image: "<picture>", startId: 96 });
  json = changed(json, "tokenizer", { part: "test/leters" });
  const weights = tinyWeights({ gates: 0, seed: 1 });
  const language = new Map(weights.language);
  language.delete("model.norm.weight");
  language.set("model.nrm.weight", weights.language.get("model.norm.weight")!);
  const first = await refusal(device, json, {
    weights: { ...weights, language },
  });
  assert.equal(first.code, "config");
  assert.match(first.message, /Cannot assemble tiny as there are 5 misfits:/);
  assert.match(first.misfits[0]!, /^resampler\.dept: .*mean "depth"\?/);
  assert.match(first.misfits[1]!, /^tokenizer\.part: .*"test\/letters"\?/);
  assert.match(first.misfits[2]!, /^image: its side in pixels is 17: test/);
  assert.match(
    first.misfits[3]!,
    /^language\.weights: tensor model\.norm\.weight \[48\] is missing.*nrm/,
  );
  assert.match(first.misfits[4]!, /model\.nrm\.weight \[48\] is left over/);
  const second = await refusal(
    device,
    changed(json, "tokenizer", { part: "test/letters" }),
    { weights },
  );
  assert.deepEqual(second.misfits.slice(2), [
    'tokens.image: "<picture>" is not one token of the tokenizer: choose ' +
    "another, or give its id as tokens.imageId",
    "tokens.start: its id is 96: the language model has ids below 96",
  ]);
});

Deno.test("assemble() compares neighbours by their own words", async () => {
  using device = await createDevice({ device: "cpu" });
  const layers = [2, 1, 9];
  const json = changed(tinyConfigJson(), "crossAttention", { layers });
  const weights = tinyWeights({ gates: 0, seed: 1 });
  const { misfits } = await refusal(device, json, { weights });
  assert.match(misfits[0]!, /^crossAttention\.layers: .* by rising number/);
  assert.match(
    misfits[1]!,
    /9 is not among the language model's layers 0 to 2/,
  );
  assert.match(misfits[2]!, /^crossAttention\.weights: tensor 1\.attn/);
});

Deno.test("assemble() refuses tensors of another shape before reading", async () => {
  using device = await createDevice({ device: "cpu" });
  const weights = tinyWeights({ gates: 0, seed: 1 });
  const unread = [...weights.resampler].map(([name, tensor]) =>
    [name, {
      ...tensor,
      read: () => assert.fail("a tensor was read"),
    }] as const
  );
  const resampler = new Map(unread);
  resampler.set("latents", {
    ...resampler.get("latents")!,
    shape: [8, 31],
  });
  const { code, misfits } = await refusal(device, tinyConfigJson(), {
    weights: { ...weights, resampler },
  });
  assert.equal(code, "weights");
  assert.deepEqual(misfits, [
    "resampler.weights: tensor latents is [8, 31]: the model needs [8, 32]",
  ]);
});

Deno.test("assemble() reports what is amiss in a bridge's file", async () => {
  using device = await createDevice({ device: "cpu" });
  await withFiles(async (folder) => {
    const json = changed(tinyFilesJson(), "bridge", { format: "rookery" });
    const { misfits } = await refusal(device, json, { base: folder });
    const unknown = misfits.filter((each) => /for no part/.test(each));
    assert.ok(unknown.includes(
      "bridge.weights: tensor perceiver.latents is for no part of the model",
    ));
    assert.ok(
      misfits.some((each) => /latents \[8, 32\] is missing/.test(each)),
    );
  });
});

Deno.test("assemble() asks for weights that no file has", async () => {
  using device = await createDevice({ device: "cpu" });
  const asked: string[] = [];
  const { language: _, ...weights } = tinyWeights({ gates: 0, seed: 1 });
  using model = await tinyFlamingo(device, {
    weights,
    initial: (name, shape, slot) => {
      asked.push(`${slot} ${name}`);
      const count = shape.reduce((product, size) => product * size, 1);
      return inMemory(name, shape, new Float32Array(count));
    },
  });
  assert.ok(asked.includes("language lm_head.weight"));
  assert.ok((await logitsOf(model)).every((value) => value === 0));
});

Deno.test("a disposed model leaves nothing on the device", async () => {
  using device = await createDevice({ device: "auto" });
  for (let i = 0; i < 3; i++) {
    const model = await tinyFlamingo(device);
    await logitsOf(model);
    assert.ok(device.memory.heldBytes > 0);
    model[Symbol.dispose]();
    assert.equal(device.memory.heldBytes, 0);
  }
});
