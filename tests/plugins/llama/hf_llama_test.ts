import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import type { JsonObject } from "../../../plugins/json_file.ts";
import {
  sizesFromConfigJson,
  tensorsFromFolder,
} from "../../../plugins/llama/hf_llama.ts";

function sizesOf(json: JsonObject) {
  return sizesFromConfigJson(new ConfigJson("folder", json));
}

const SHARED = {
  model_type: "llama",
  num_hidden_layers: 2,
  hidden_size: 48,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 80,
  vocab_size: 96,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
};

Deno.test("sizesFromConfigJson() reads what transformers 4 and 5 write", () => {
  const four = { ...SHARED, rope_theta: 500, rope_scaling: null };
  const five = {
    ...SHARED,
    head_dim: 12,
    rope_parameters: { rope_type: "default", rope_theta: 500 },
  };
  const sizes = sizesOf(four);
  assert.deepEqual({ ...sizes, headDim: 12 }, sizesOf(five));
  assert.equal(sizes.ropeTheta, 500);
  assert.equal(sizes.isTied, true);
  assert.equal(sizesOf(SHARED).ropeTheta, 10_000);
});

Deno.test("sizesFromConfigJson() reads biases and activations", () => {
  const sizes = sizesOf({
    ...SHARED,
    attention_bias: true,
    mlp_bias: true,
    hidden_act: "gelu_new",
  });
  assert.ok(sizes.hasAttentionBias && sizes.hasFfnBias);
  assert.equal(sizes.activation, "gelu_tanh");
  assert.equal(sizesOf({ ...SHARED, hidden_act: "silu" }).activation, "silu");
});

Deno.test("sizesFromConfigJson() keeps longrope to its original context", () => {
  const sizes = sizesOf({
    ...SHARED,
    rope_scaling: {
      rope_type: "longrope",
      short_factor: [1, 2, 3, 4, 5, 6],
      original_max_position_embeddings: 64,
    },
  });
  assert.equal(sizes.context, 64);
});

Deno.test("sizesFromConfigJson() refuses what it cannot run, by name", () => {
  const refused = (changes: Record<string, unknown>, message: RegExp) =>
    assert.throws(
      () => sizesOf({ ...SHARED, ...changes }),
      message,
    );
  refused({ rope_scaling: { type: "su" } }, /scaled by "su"/);
  refused({ hidden_act: "mish" }, /hidden_act is "mish": only relu, /);
  refused({ hidden_size: "48" }, /hidden_size in its config.json is "48"/);
});

Deno.test("tensorsFromFolder() drops copies, and names a bare model's tensors", () => {
  const tensors = new Map(
    [
      "layers.0.self_attn.rotary_emb.inv_freq",
      "norm.weight",
      "model.layers.0.mlp.up_proj.weight",
      "lm_head.weight",
      "odd",
    ].map((name) => [name, inMemory(name, [1], Float32Array.of(1))]),
  );
  const kept = ["model.norm.weight", "model.layers.0.mlp.up_proj.weight"];
  const tied = tensorsFromFolder(tensors, { isTied: true });
  assert.deepEqual([...tied.keys()], [...kept, "odd"]);
  const untied = tensorsFromFolder(tensors, { isTied: false });
  assert.deepEqual([...untied.keys()], [...kept, "lm_head.weight", "odd"]);
});
