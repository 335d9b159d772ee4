import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import {
  sizesFromConfigJson,
  tensorsFromFolder,
} from "../../../plugins/opt/hf_opt.ts";

/** The 350M model, as it was published. */
const PUBLISHED = {
  model_type: "opt",
  _remove_final_layer_norm: false,
  activation_function: "relu",
  do_layer_norm_before: false,
  ffn_dim: 4096,
  hidden_size: 1024,
  max_position_embeddings: 2048,
  num_attention_heads: 16,
  num_hidden_layers: 24,
  torch_dtype: "float16",
  vocab_size: 50272,
  word_embed_proj_dim: 512,
};

function sizes(changes: Record<string, unknown> = {}) {
  return sizesFromConfigJson(
    new ConfigJson("folder", { ...PUBLISHED, ...changes }),
  );
}

Deno.test("OPT: sizes of a published config.json", () => {
  assert.deepEqual(sizes(), {
    layers: 24,
    width: 1024,
    embeddingWidth: 512,
    heads: 16,
    ffnWidth: 4096,
    vocabulary: 50272,
    context: 2048,
    normEps: undefined,
    activation: "relu",
    isPreNorm: false,
    hasFinalNorm: false,
    hasBias: undefined,
    hasNormWeights: undefined,
    isTied: undefined,
  });
  assert.equal(sizes({ word_embed_proj_dim: null }).embeddingWidth, 1024);
  const before = { do_layer_norm_before: true };
  assert.equal(sizes(before).hasFinalNorm, true);
  const removed = { ...before, _remove_final_layer_norm: true };
  assert.equal(sizes(removed).hasFinalNorm, false);
});

Deno.test("OPT: what cannot be run is refused by name", () => {
  assert.throws(
    () => sizes({ activation_function: "mish" }),
    /its activation_function is "mish"/,
  );
  assert.throws(
    () => sizes({ do_layer_norm_before: "yes" }),
    /do_layer_norm_before in its config.json is "yes": it must be true or/,
  );
});

Deno.test("OPT: names of old files, and tied copies", () => {
  const tensors = new Map(
    ["decoder.embed_tokens.weight", "model.decoder.x", "lm_head.weight"].map(
      (name) => [name, inMemory(name, [1], new Float32Array(1))],
    ),
  );
  const kept = ["model.decoder.embed_tokens.weight", "model.decoder.x"];
  const names = (isTied: boolean) => [
    ...tensorsFromFolder(tensors, { isTied }).keys(),
  ];
  assert.deepEqual(names(true), kept);
  assert.deepEqual(names(false), [...kept, "lm_head.weight"]);
});
