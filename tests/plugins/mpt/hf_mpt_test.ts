import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import {
  sizesFromConfigJson,
  tensorsFromFolder,
} from "../../../plugins/mpt/hf_mpt.ts";

/** MPT-7B as it was published, without what training alone reads. */
const MPT_7B = {
  model_type: "mpt",
  attn_config: {
    alibi: true,
    alibi_bias_max: 8,
    attn_impl: "torch",
    attn_pdrop: 0,
    attn_type: "multihead_attention",
    attn_uses_sequence_id: false,
    clip_qkv: null,
    prefix_lm: false,
    qk_ln: false,
    softmax_scale: null,
  },
  d_model: 4096,
  expansion_ratio: 4,
  learned_pos_emb: true,
  logit_scale: null,
  max_seq_len: 2048,
  n_heads: 32,
  n_layers: 32,
  no_bias: true,
  norm_type: "low_precision_layernorm",
  vocab_size: 50432,
};

/** MPT-1B likewise. */
const MPT_1B = {
  model_type: "mosaic_gpt",
  alibi: true,
  alibi_bias_max: 8,
  attn_clip_qkv: null,
  attn_qk_ln: true,
  d_model: 2048,
  logit_scale: null,
  low_precision_layernorm: true,
  max_seq_len: 2048,
  mlp_ratio: 4,
  n_heads: 16,
  n_layers: 24,
  no_bias: true,
  prefix_lm: false,
  softmax_scale: null,
  vocab_size: 50432,
};

function sizes(
  json: Record<string, unknown>,
  shapes: Record<string, number[]> = {},
) {
  const source = { path: "folder", shapes: new Map(Object.entries(shapes)) };
  return sizesFromConfigJson(source, json);
}

/** MPT-7B with other keys of attention. */
function attention(changes: Record<string, unknown>) {
  return sizes({
    ...MPT_7B,
    attn_config: { ...MPT_7B.attn_config, ...changes },
  });
}

Deno.test("MPT: sizes of published config.jsons", () => {
  const both = {
    kvHeads: undefined,
    vocabulary: 50432,
    context: 2048,
    normEps: undefined,
    positions: "alibi",
    alibiBiasMax: 8,
    softmaxScale: undefined,
    clipQkv: undefined,
    hasBias: false,
    logitScale: undefined,
    isTied: undefined,
  };
  assert.deepEqual(sizes(MPT_7B), {
    ...both,
    layers: 32,
    width: 4096,
    heads: 32,
    ffnWidth: 16384,
    hasQkNorm: false,
  });
  assert.deepEqual(sizes(MPT_1B), {
    ...both,
    layers: 24,
    width: 2048,
    heads: 16,
    ffnWidth: 8192,
    hasQkNorm: true,
  });
});

Deno.test("MPT: options of config.json", () => {
  assert.equal(attention({ clip_qkv: 6 }).clipQkv, 6);
  assert.equal(attention({ clip_qkv: 0 }).clipQkv, undefined);
  assert.equal(attention({ alibi: false }).positions, "learned");
  assert.equal(attention({ attn_type: "multiquery_attention" }).kvHeads, 1);
  assert.equal(sizes({ ...MPT_1B, attn_clip_qkv: 3 }).clipQkv, 3);
  const scaled = sizes({ ...MPT_7B, logit_scale: "inv_sqrt_d_model" });
  assert.equal(scaled.logitScale, 1 / 64);
});

Deno.test("MPT: tensors tell what config.json does not, and win", () => {
  const up = { "transformer.blocks.0.mlp.mlp_up.weight": [96, 32] };
  assert.equal(sizes(MPT_1B, up).ffnWidth, 96);
  const { alibi: _, ...silent } = MPT_1B;
  assert.equal(sizes(silent).positions, "alibi");
  const learned = { "transformer.wpe.weight": [2048, 2048] };
  assert.equal(sizes(silent, learned).positions, "learned");
});

Deno.test("MPT: what cannot be run is refused by name", () => {
  assert.throws(
    () => attention({ rope: true }),
    /its rope is true: only false/,
  );
  assert.throws(() => attention({ prefix_lm: true }), /its prefix_lm is true/);
  assert.throws(() => attention({ attn_type: "grouped_query_attention" }), {
    message: /"grouped_query_attention" without kv_n_heads/,
  });
  const bare = { ...MPT_1B, alibi: false, learned_pos_emb: false };
  assert.throws(() => sizes(bare), /neither alibi nor learned_pos_emb/);
  assert.throws(
    () => sizes({ ...MPT_7B, norm_type: "rmsnorm" }),
    /its norm_type is "rmsnorm": only "low_precision_layernorm" or/,
  );
  assert.throws(
    () => sizes({ ...MPT_7B, ffn_config: { ffn_type: "mptglu" } }),
    /its ffn_config.ffn_type is "mptglu"/,
  );
  assert.throws(
    () => sizes({ ...MPT_7B, logit_scale: "half" }),
    /logit_scale in its config.json is "half"/,
  );
});

Deno.test("MPT: tensors of the older kind get the newer names", () => {
  const renamed = (names: string[], isTied = true) => [
    ...tensorsFromFolder(
      new Map(
        names.map((name) => [name, inMemory(name, [1], new Float32Array(1))]),
      ),
      { isTied },
    ).keys(),
  ];
  const older = [
    "transformer.wte.weight",
    "transformer.blocks.11.ln_1.weight",
    "transformer.blocks.11.attn.q_ln.weight",
    "transformer.blocks.11.mlp.mlp_up.weight",
    "transformer.blocks.11.mlp.mlp_down.bias",
    "transformer.ln_f.weight",
    "odd.ln_1.weight",
  ];
  const newer = [
    "transformer.wte.weight",
    "transformer.blocks.11.norm_1.weight",
    "transformer.blocks.11.attn.q_ln.weight",
    "transformer.blocks.11.ffn.up_proj.weight",
    "transformer.blocks.11.ffn.down_proj.bias",
    "transformer.norm_f.weight",
    "odd.ln_1.weight",
  ];
  assert.deepEqual(renamed(older), newer);
  assert.deepEqual(renamed(newer), newer);
  assert.deepEqual(renamed(["lm_head.weight", "wte.weight"]), [
    "transformer.wte.weight",
  ]);
  assert.deepEqual(renamed(["lm_head.weight"], false), ["lm_head.weight"]);
  assert.throws(
    () => renamed(["transformer.norm_f.weight", "transformer.ln_f.weight"]),
    /Cannot use tensor transformer.ln_f.weight as transformer.norm_f.weight/,
  );
});
