import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import { dinov2Weights } from "../../../plugins/dinov2/dinov2_weights.ts";
import { sizesFromConfigJson } from "../../../plugins/dinov2/hf_dinov2.ts";

const SIZES = { px: 28, patchPx: 14, postNorm: true };

function named(...names: string[]) {
  return new Map(
    names.map((name) => [name, inMemory(name, [1], new Float32Array(1))]),
  );
}

Deno.test("dinov2Weights() drops what has no use, keeps what is unknown", () => {
  const tensors = named(
    "dinov2.embeddings.mask_token",
    "embeddings.cls_token",
    "dinov2.encoder.layer.0.norm1.weight",
    "dinov2.layernorm.weight",
    "classifier.bias",
    "classifier",
  );
  assert.deepEqual([...dinov2Weights(tensors, SIZES).keys()], [
    "embeddings.cls_token",
    "encoder.layer.0.norm1.weight",
    "layernorm.weight",
    "classifier",
  ]);
  const plain = dinov2Weights(tensors, { ...SIZES, postNorm: false });
  assert.equal(plain.has("layernorm.weight"), false);
});

Deno.test("dinov2Weights() brings positions to the wanted grid", () => {
  const name = "embeddings.position_embeddings";
  const stored = inMemory(name, [1, 10, 2], new Float32Array(20));
  const made = (px: number) =>
    dinov2Weights(new Map([[name, stored]]), { ...SIZES, px }).get(name)!;
  assert.deepEqual(made(28).shape, [1, 5, 2]);
  assert.equal(made(42), stored);
});

Deno.test("sizesFromConfigJson() refuses other models", () => {
  const refuses = (json: Record<string, string | number>, message: RegExp) =>
    assert.throws(
      () => sizesFromConfigJson(new ConfigJson("folder", json)),
      message,
    );
  refuses({ model_type: "vit" }, /its model_type is "vit": only "dinov2"/);
  refuses({ hidden_act: "relu" }, /its hidden_act is "relu": only "gelu"/);
  refuses({ num_channels: 1 }, /its num_channels is 1: only 3/);
  refuses({ patch_size: "14" }, /patch_size in its config\.json is "14"/);
});

Deno.test("sizesFromConfigJson() works the gated width out", () => {
  const json = { hidden_size: 1536, mlp_ratio: 4, use_swiglu_ffn: true };
  const sizes = sizesFromConfigJson(new ConfigJson("folder", json));
  assert.deepEqual([sizes.ffnWidth, sizes.activation], [4096, "swiglu"]);
});
