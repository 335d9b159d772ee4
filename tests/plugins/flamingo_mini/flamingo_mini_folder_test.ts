import assert from "node:assert/strict";
import { flamingoMiniFolder } from "../../../plugins/flamingo_mini/flamingo_mini_folder.ts";
import { parseConfig } from "../../../plugins/parse_config.ts";
import { folderSource } from "../folder_source.ts";

const folder = flamingoMiniFolder();

/** As the published folders have it. */
const PUBLISHED = {
  model_type: "",
  lm: "facebook/opt-350m",
  clip_model_type: "openai/clip-vit-large-patch14",
  dim: 1024,
  dim_visual: 1024,
  xattn_act: "sqrelu",
  xattn_dim_head: 128,
  xattn_heads: 16,
  resampler_act: "sqrelu",
};

/** Vision and layers are in the checkpoint. */
const WHOLE = {
  "flamingo.vision_encoder.vision_model.pre_layrnorm.weight": [1024],
  "flamingo.lm.decoder.layers.0.lm_block.fc1.weight": [4096, 1024],
  "flamingo.lm.decoder.embed_tokens.weight": [50_273, 512],
};

Deno.test("flamingoMiniFolder() knows folders without a model_type", () => {
  assert.ok(folder.recognises!(PUBLISHED));
  assert.ok(!folder.recognises!({ lm: "gpt2" }));
  assert.ok(!folder.recognises!({}));
});

Deno.test("flamingoMiniFolder() takes sizes of named models from its table", async () => {
  const source = folderSource({ "config.json": PUBLISHED }, WHOLE);
  const config = await folder.configOf(source);
  assert.equal(parseConfig(config, "published").kind, "flamingo");
  assert.deepEqual(config["language"], {
    part: "opt/decoder",
    layers: 24,
    width: 1024,
    heads: 16,
    ffnWidth: 4096,
    isTied: true,
    vocabulary: 50_272,
    context: 2048,
    embeddingWidth: 512,
    isPreNorm: false,
  });
  assert.deepEqual(config["vision"], {
    part: "clip/vit",
    tokens: "all",
    postNorm: false,
    size: "L/14",
  });
  assert.deepEqual(config["tokens"], {
    image: "<image>",
    imageStartIds: [41_552, 28_696],
    endOfChunkId: 50_265,
    startId: 2,
  });
  assert.deepEqual(config["crossAttention"], {
    dialect: "flamingo_mini",
    every: 1,
    heads: 16,
    headDim: 128,
    ffMult: 4,
    activation: "squared_relu",
  });
});

Deno.test("flamingoMiniFolder() names the hub's models for what the checkpoint lacks", async () => {
  const gpt2 = { ...PUBLISHED, lm: "gpt2", dim: 768 };
  const config = await folder.configOf(
    folderSource({ "config.json": gpt2 }, {
      "flamingo.lm.wte.weight": [50_258, 768],
      "flamingo.lm.h.0.xattn_block.alpha_attn": [1],
    }),
  );
  assert.equal(parseConfig(config, "published").kind, "flamingo");
  const { language, vision, tokens } = config as unknown as Record<
    string,
    Record<string, unknown>
  >;
  assert.deepEqual(language!["weights"], { hub: "gpt2" });
  assert.deepEqual(vision!["weights"], {
    hub: "openai/clip-vit-large-patch14",
  });
  assert.deepEqual(tokens!["imageStartIds"], [27, 1279]);
  assert.equal(tokens!["endOfChunkId"], 50_257);
});

Deno.test("flamingoMiniFolder() prefers folders of its own, and their tokenizer", async () => {
  const own = { ...PUBLISHED, lm: "gpt2-own", clip_model_type: "eyes" };
  const vocab = { a: 0, "<": 1, "Ġ<": 2 };
  const config = await folder.configOf(folderSource({
    "config.json": own,
    "gpt2-own/config.json": {},
    "gpt2-own/tokenizer.json": { model: { vocab } },
    "eyes/config.json": {},
  }));
  assert.deepEqual(config["language"], {
    part: "gpt2/decoder",
    weights: "gpt2-own",
  });
  assert.deepEqual(config["tokenizer"], { from: "gpt2-own" });
  assert.deepEqual(config["tokens"], {
    image: "<image>",
    imageStartIds: [1, 2],
    endOfChunkId: 3,
  });
});

Deno.test("flamingoMiniFolder() refuses names that nobody knows, with the nearest", async () => {
  for (
    const [key, name, near] of [
      ["lm", "facebook/opt-350M", "facebook/opt-350m"],
      [
        "clip_model_type",
        "openai/clip-vit-large-patch-14",
        "openai/clip-vit-large-patch14",
      ],
    ] as const
  ) {
    const source = folderSource({
      "config.json": { ...PUBLISHED, [key]: name },
    });
    await assert.rejects(async () => await folder.configOf(source), {
      code: "config",
      message: new RegExp(`its ${key} is "${name}" \\(did you mean "${near}"`),
    });
  }
});
