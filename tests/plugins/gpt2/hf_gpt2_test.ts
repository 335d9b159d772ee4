import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import {
  sizesFromConfigJson,
  tensorsFromFolder,
} from "../../../plugins/gpt2/hf_gpt2.ts";

/** GPT-2 small, as it was published. */
const PUBLISHED = {
  activation_function: "gelu_new",
  layer_norm_epsilon: 1e-5,
  model_type: "gpt2",
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  vocab_size: 50257,
};

function sizes(changes: Record<string, unknown> = {}) {
  return sizesFromConfigJson(
    new ConfigJson("folder", { ...PUBLISHED, ...changes }),
  );
}

Deno.test("GPT-2: sizes of a published config.json", () => {
  assert.deepEqual(sizes(), {
    layers: 12,
    width: 768,
    heads: 12,
    ffnWidth: 3072,
    vocabulary: 50257,
    context: 1024,
    normEps: 1e-5,
    activation: "gelu_tanh",
    isScaled: undefined,
    isScaledByLayer: undefined,
    isTied: undefined,
  });
  assert.equal(sizes({ n_inner: 100 }).ffnWidth, 100);
  assert.equal(sizes({ n_positions: null, n_ctx: 64 }).context, 64);
});

Deno.test("GPT-2: what cannot be run is refused by name", () => {
  assert.throws(
    () => sizes({ add_cross_attention: true }),
    /its add_cross_attention is true: only false can be run/,
  );
  assert.throws(
    () => sizes({ activation_function: "mish" }),
    /its activation_function is "mish"/,
  );
});

Deno.test("GPT-2: matrices are turned, masks and tied copies left out", async () => {
  const names = [
    "wte.weight",
    "h.0.attn.bias",
    "transformer.h.0.attn.masked_bias",
    "h.0.attn.c_attn.weight",
    "transformer.h.0.mlp.c_proj.weight",
    "transformer.h.0.mlp.c_proj.bias",
    "lm_head.weight",
    "odd",
  ];
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const tensors = new Map(
    names.map((name) => [name, inMemory(name, [2, 3], values)]),
  );
  const kept = tensorsFromFolder(tensors, { isTied: true });
  assert.deepEqual(
    [...kept].map(([name, { shape }]) => `${name} ${shape}`),
    [
      "transformer.wte.weight 2,3",
      "transformer.h.0.attn.c_attn.weight 3,2",
      "transformer.h.0.mlp.c_proj.weight 3,2",
      "transformer.h.0.mlp.c_proj.bias 2,3",
      "odd 2,3",
    ],
  );
  const turned = kept.get("transformer.h.0.attn.c_attn.weight")!;
  assert.deepEqual(await valuesOf(turned), Float32Array.of(1, 4, 2, 5, 3, 6));
  const untied = tensorsFromFolder(tensors, { isTied: false });
  assert.ok(untied.has("lm_head.weight"));
});
