import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import {
  sizesFromGguf,
  tensorsFromGguf,
} from "../../../plugins/llama/gguf_llama.ts";

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

function sizes(metadata: Record<string, unknown>, ...tensors: string[]) {
  const shapes = new Map(tensors.map((name) => [name, [10, 16]]));
  return sizesFromGguf({ path: "m.gguf", metadata, shapes });
}

Deno.test("sizesFromGguf() reads metadata and tensors", () => {
  assert.deepEqual(sizes(METADATA, "token_embd.weight"), {
    layers: 2,
    width: 16,
    heads: 2,
    kvHeads: 1,
    headDim: 8,
    ffnWidth: 24,
    vocabulary: 10,
    normEps: 1e-5,
    ropeTheta: 10_000,
    context: 64,
    isTied: true,
  });
  assert.equal(sizes(METADATA, "output.weight").isTied, false);
  const wide = { ...METADATA, "llama.attention.key_length": 4 };
  assert.equal(sizes(wide).headDim, 4);
});

Deno.test("sizesFromGguf() refuses scaled rotary positions by name", () => {
  const scaled = { ...METADATA, "llama.rope.scaling.type": "yarn" };
  assert.throws(() => sizes(scaled), /scaled by yarn: only unscaled/);
  assert.throws(() => sizes(METADATA, "rope_freqs.weight"), /llama3/);
  const uneven = { ...METADATA, "llama.attention.head_count_kv": [1, 2] };
  assert.throws(() => sizes(uneven), /head_count_kv is \[1,2\]/);
});

Deno.test("tensorsFromGguf() renames, and puts rotary rows back", async () => {
  // Rows of a head of 4 lie as 0 2 1 3: pairs side by side.
  const rows = Float32Array.of(0, 2, 1, 3, 10, 12, 11, 13);
  const tensors = new Map(
    ["attn_q", "attn_k", "attn_v"].map((name) => {
      const full = `blk.3.${name}.weight`;
      return [full, inMemory(full, [8, 1], rows)];
    }),
  );
  tensors.set("output_norm.weight", inMemory("n", [1], Float32Array.of(1)));
  tensors.set("odd.weight", inMemory("o", [1], Float32Array.of(1)));
  const options = { heads: 2, kvHeads: 2, headDim: 4 };
  const renamed = tensorsFromGguf(tensors, options);
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
