import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import {
  sizesFromConfigJson,
  tensorsFromFolder,
} from "../../../plugins/gpt_neox/hf_gpt_neox.ts";

/** RedPajama-INCITE-Base-3B-v1, as it was published. */
const PUBLISHED = {
  model_type: "gpt_neox",
  num_hidden_layers: 32,
  hidden_size: 2560,
  num_attention_heads: 32,
  intermediate_size: 10240,
  vocab_size: 50432,
  max_position_embeddings: 2048,
  layer_norm_eps: 1e-5,
  hidden_act: "gelu",
  rotary_pct: 1.0,
  rotary_emb_base: 10000,
  use_parallel_residual: false,
  tie_word_embeddings: false,
  torch_dtype: "float16",
};

function sizes(changes: Record<string, unknown> = {}) {
  return sizesFromConfigJson(
    new ConfigJson("folder", { ...PUBLISHED, ...changes }),
  );
}

Deno.test("GPT-NeoX: sizes of a published config.json", () => {
  assert.deepEqual(sizes(), {
    layers: 32,
    width: 2560,
    heads: 32,
    ffnWidth: 10240,
    vocabulary: 50432,
    context: 2048,
    normEps: 1e-5,
    ropeTheta: 10_000,
    rotaryDims: 80,
    activation: "gelu",
    isParallel: false,
    hasAttentionBias: undefined,
    isTied: false,
  });
  assert.equal(sizes({ rotary_pct: 0.25 }).rotaryDims, 20);
  assert.equal(sizes({ rotary_pct: undefined }).rotaryDims, 20);
});

Deno.test("GPT-NeoX: what cannot be run is refused by name", () => {
  assert.throws(() => sizes({ hidden_act: "mish" }), /hidden_act is "mish"/);
  assert.throws(
    () => sizes({ rope_scaling: { type: "dynamic", factor: 2 } }),
    /its rotary positions are scaled by "dynamic": only unscaled ones/,
  );
  assert.throws(
    () => sizes({ num_attention_heads: "32" }),
    /num_attention_heads in its config.json is "32"/,
  );
});

Deno.test("GPT-NeoX: tables and tied copies are left out, others renamed", () => {
  const names = (isTied: boolean) => [
    ...tensorsFromFolder(
      new Map(
        [
          "embed_in.weight",
          "layers.0.attention.bias",
          "layers.0.attention.masked_bias",
          "layers.0.attention.dense.bias",
          "gpt_neox.layers.0.attention.rotary_emb.inv_freq",
          "gpt_neox.final_layer_norm.bias",
          "lm_head.weight",
          "odd",
        ].map((name) => [name, inMemory(name, [1], new Float32Array(1))]),
      ),
      { isTied },
    ).keys(),
  ];
  const kept = [
    "gpt_neox.embed_in.weight",
    "gpt_neox.layers.0.attention.dense.bias",
    "gpt_neox.final_layer_norm.bias",
  ];
  assert.deepEqual(names(false), [...kept, "embed_out.weight", "odd"]);
  assert.deepEqual(names(true), [...kept, "odd"]);
});
