import assert from "node:assert/strict";
import { sizesFromConfigJson } from "../../../plugins/llama/hf_llama.ts";

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
  const sizes = sizesFromConfigJson("folder", four);
  assert.deepEqual(sizes, sizesFromConfigJson("folder", five));
  assert.equal(sizes.headDim, 12);
  assert.equal(sizes.ropeTheta, 500);
  assert.equal(sizes.isTied, true);
  assert.equal(sizesFromConfigJson("folder", SHARED).ropeTheta, 10_000);
});

Deno.test("sizesFromConfigJson() refuses what it cannot run, by name", () => {
  const refused = (changes: Record<string, unknown>, message: RegExp) =>
    assert.throws(
      () => sizesFromConfigJson("folder", { ...SHARED, ...changes }),
      message,
    );
  refused({ rope_scaling: { type: "linear" } }, /scaled by "linear"/);
  refused({ rope_parameters: { rope_type: "llama3" } }, /scaled by "llama3"/);
  refused({ attention_bias: true }, /attention_bias is true/);
  refused({ mlp_bias: true }, /mlp_bias is true/);
  refused({ hidden_act: "gelu" }, /hidden_act is "gelu"/);
  refused({ hidden_size: "48" }, /hidden_size in its config.json is "48"/);
});
