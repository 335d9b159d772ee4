import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import type { LlamaConfig } from "../../../models/language/llama.ts";
import { llamaGguf } from "../../../plugins/llama/gguf_llama.ts";
import type { PartSource } from "../../../plugins/plugin.ts";

const METADATA = {
  "general.architecture": "llama",
  "llama.block_count": 2,
  "llama.embedding_length": 16,
  "llama.attention.head_count": 2,
  "llama.attention.head_count_kv": [1, 1],
  "llama.feed_forward_length": 24,
  "llama.attention.layer_norm_rms_epsilon": 1e-5,
  "llama.context_length": 64,
};

async function sizes(metadata: Record<string, unknown>, ...tensors: string[]) {
  const shapes = new Map(tensors.map((name) => [name, [10, 16]]));
  const values = (name: string) =>
    Promise.resolve(
      tensors.includes(name) ? Float32Array.of(1, 2, 4, 8) : undefined,
    );
  const source: PartSource = {
    path: "m.gguf",
    folder: ".",
    metadata,
    shapes,
    values,
    json: () => Promise.resolve(undefined),
  };
  const files = llamaGguf();
  assert.ok(files.isOf(source));
  return await files.sizes(source);
}

Deno.test("llamaGguf() reads metadata and tensors", async () => {
  assert.deepEqual(await sizes(METADATA, "token_embd.weight"), {
    layers: 2,
    width: 16,
    heads: 2,
    kvHeads: 1,
    headDim: undefined,
    ffnWidth: 24,
    vocabulary: 10,
    normEps: 1e-5,
    ropeTheta: undefined,
    ropeScaling: { kind: "none" },
    context: 64,
    hasAttentionBias: false,
    hasFfnBias: false,
    isTied: true,
  });
  assert.equal((await sizes(METADATA, "output.weight")).isTied, false);
  const wide = { ...METADATA, "llama.attention.key_length": 4 };
  assert.equal((await sizes(wide)).headDim, 4);
  const biased = await sizes(
    METADATA,
    "blk.0.attn_q.bias",
    "blk.0.ffn_gate.bias",
  );
  assert.ok(biased.hasAttentionBias && biased.hasFfnBias);
});

Deno.test("llamaGguf() reads how rotary positions are scaled", async () => {
  const scaling = async (
    rope: Record<string, unknown>,
    ...tensors: string[]
  ) => {
    const entries = Object.entries(rope)
      .map(([key, value]) => [`llama.rope.${key}`, value]);
    const metadata = { ...METADATA, ...Object.fromEntries(entries) };
    return (await sizes(metadata, ...tensors)).ropeScaling;
  };
  const linear = { kind: "linear", factor: 4 };
  const named = { "scaling.type": "linear", "scaling.factor": 4 };
  assert.deepEqual(await scaling(named), linear);
  assert.deepEqual(await scaling({ "scaling.factor": 4 }), linear);
  assert.deepEqual(await scaling({ scale_linear: 4 }), linear);
  assert.deepEqual(await scaling({ "scaling.type": "none" }), { kind: "none" });
  assert.deepEqual(await scaling({}, "rope_freqs.weight"), {
    kind: "factors",
    factors: [1, 2, 4, 8],
  });
  const yarn = { "scaling.type": "yarn", "scaling.factor": 4 };
  assert.deepEqual(
    await scaling({ ...yarn, "scaling.original_context_length": 32 }),
    { kind: "yarn", factor: 4, originalContext: 32 },
  );
  await assert.rejects(
    scaling({ "scaling.type": "longrope" }),
    /positions are scaled by "longrope": only "none", "linear", "yarn" or rope/,
  );
  await assert.rejects(
    scaling(named, "rope_freqs.weight"),
    /scaled by "linear" and by rope_freqs.weight: only/,
  );
  await assert.rejects(
    scaling({ ...yarn, "scaling.attn_factor": 2 }),
    /rope.scaling.attn_factor is 2: only 1/,
  );
  const uneven = { ...METADATA, "llama.attention.head_count_kv": [1, 2] };
  await assert.rejects(sizes(uneven), /head_count_kv is \[1,2\]/);
});

Deno.test("llamaGguf() renames, and puts rotary rows back", async () => {
  // Rows of a head of 4 lie as 0 2 1 3: pairs side by side.
  const rows = Float32Array.of(0, 2, 1, 3, 10, 12, 11, 13);
  const tensors = new Map(
    ["attn_q", "attn_k", "attn_v"].map((name) => {
      const full = `blk.3.${name}.weight`;
      return [full, inMemory(full, [8, 1], rows)];
    }),
  );
  tensors.set("output_norm.weight", inMemory("n", [1], Float32Array.of(1)));
  tensors.set("rope_freqs.weight", inMemory("f", [1], Float32Array.of(1)));
  tensors.set("odd.weight", inMemory("o", [1], Float32Array.of(1)));
  const options = { heads: 2, kvHeads: 2, headDim: 4 } as LlamaConfig;
  const renamed = llamaGguf().tensors(tensors, options);
  assert.deepEqual([...renamed.keys()], [
    "model.layers.3.self_attn.q_proj.weight",
    "model.layers.3.self_attn.k_proj.weight",
    "model.layers.3.self_attn.v_proj.weight",
    "model.norm.weight",
    "odd.weight",
  ]);
  const read = async (name: string) => [
    ...await valuesOf(renamed.get(`model.layers.3.self_attn.${name}.weight`)!),
  ];
  assert.deepEqual(await read("q_proj"), [0, 1, 2, 3, 10, 11, 12, 13]);
  assert.deepEqual(await read("k_proj"), [0, 1, 2, 3, 10, 11, 12, 13]);
  assert.deepEqual(await read("v_proj"), [...rows]);
});
