import assert from "node:assert/strict";
import { ideficsFolder } from "../../../plugins/idefics/idefics_folder.ts";
import { parseConfig } from "../../../plugins/parse_config.ts";
import { folderSource } from "../folder_source.ts";

const { configOf } = ideficsFolder();

/** The sizes of the published model of 9 billion parameters, flat. */
const NINE = {
  model_type: "idefics",
  vocab_size: 32_000,
  additional_vocab_size: 2,
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  rms_norm_eps: 1e-6,
  cross_layer_interval: 4,
  qk_layer_norms: true,
  qk_layer_norms_perceiver: true,
  use_resampler: true,
  vision_embed_dim: 1280,
  vision_image_size: 224,
  resampler_depth: 6,
  resampler_n_heads: 16,
  resampler_head_dim: 96,
  resampler_n_latents: 64,
};

type Sections = Record<string, Record<string, unknown>>;

async function sections(
  json: Record<string, unknown>,
  others: Record<string, Record<string, unknown>> = {},
): Promise<Sections> {
  const source = folderSource({ "config.json": json, ...others });
  const config = await configOf(source);
  assert.equal(parseConfig(config, "published").kind, "flamingo");
  return config as unknown as Sections;
}

Deno.test("ideficsFolder() reads the flat config of the first releases", async () => {
  const { vision, resampler, language, crossAttention, tokens } =
    await sections(NINE);
  assert.equal(vision!["width"], 1280);
  assert.equal(vision!["layers"], 32);
  assert.equal(vision!["tokens"], "all");
  assert.deepEqual(resampler, {
    part: "perceiver",
    dialect: "idefics",
    width: 1280,
    depth: 6,
    latents: 64,
    heads: 16,
    headDim: 96,
    qkNorms: true,
  });
  assert.equal(language!["vocabulary"], 32_002);
  assert.equal(crossAttention!["every"], 4);
  assert.equal(crossAttention!["headDim"], 128);
  // No tokenizer: the added ids stand behind the vocabulary.
  assert.deepEqual(tokens, {
    startId: 1,
    closingId: 2,
    trim: true,
    imageId: 32_001,
    aroundId: 32_000,
    endOfChunkId: 2,
  });
});

Deno.test("ideficsFolder() reads nested sizes first, and does without a resampler", async () => {
  const nested = {
    ...NINE,
    use_resampler: false,
    alpha_type: "vector",
    eos_token_id: [7, 2],
    vision_config: { embed_dim: 64, num_hidden_layers: 3, hidden_act: "gelu" },
  };
  const { vision, resampler, crossAttention, tokens } = await sections(nested);
  assert.equal(tokens!["closingId"], 7);
  assert.equal(vision!["width"], 64);
  assert.equal(vision!["layers"], 3);
  assert.deepEqual(resampler, { part: "identity" });
  assert.equal(crossAttention!["gate"], "vector");
});

Deno.test("ideficsFolder() ends utterances with a tokenizer's own token", async () => {
  const added = [{ content: "<end_of_utterance>", id: 32_002 }];
  const { tokens, tokenizer } = await sections(
    { ...NINE, additional_vocab_size: 3 },
    { "tokenizer.json": { added_tokens: added } },
  );
  assert.deepEqual(tokenizer, { from: "." });
  assert.equal(tokens!["endOfChunk"], "<end_of_utterance>");
  assert.equal(tokens!["between"], "<end_of_utterance>");
  const alone = await sections({ ...NINE, additional_vocab_size: 3 });
  assert.equal(alone["tokens"]!["endOfChunkId"], 32_002);
  assert.equal(alone["tokens"]!["betweenId"], 32_002);
});

Deno.test("ideficsFolder() refuses what it cannot run", async () => {
  for (
    const [key, value] of [["hidden_act", "gelu"], ["alpha_type", "matrix"]]
  ) {
    const source = folderSource({ "config.json": { ...NINE, [key!]: value } });
    await assert.rejects(async () => await configOf(source), {
      code: "config",
      message: new RegExp(`its ${key} is "${value}"`),
    });
  }
});
