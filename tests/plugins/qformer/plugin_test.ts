import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { Misfits } from "../../../plugins/misfits.ts";
import type { Part, PartContext } from "../../../plugins/plugin.ts";
import { qFormerPlugin } from "../../../plugins/qformer/plugin.ts";

const PART = qFormerPlugin().parts[0] as Part<"resampler">;
const CONFIG = PART.schema.check({}, "resampler", new Misfits());

/** What a folder with a `config.json` tells the part. */
function contextOf(
  json: Record<string, unknown> | undefined,
  shapes: Record<string, readonly number[]> = {},
): PartContext {
  return {
    source: {
      path: "blip2",
      folder: "blip2",
      metadata: {},
      shapes: new Map(Object.entries(shapes)),
      json: () => Promise.resolve(json as never),
      values: () => Promise.resolve(undefined),
    },
    neighbours: { vision: { px: 4, positions: 3, width: 14 } },
    overrides: new Map(),
  };
}

Deno.test("qformer takes its sizes from BLIP-2's config.json and tensors", async () => {
  const json = {
    num_query_tokens: 5,
    qformer_config: { hidden_size: 24, num_attention_heads: 3 },
  };
  const shapes = { "language_projection.weight": [18, 24] };
  const { latents, width, inputWidth } = await PART.build(
    CONFIG,
    contextOf(json, shapes),
  );
  assert.deepEqual([latents, width, inputWidth], [5, 18, 14]);
  const bare = await PART.build(CONFIG, contextOf(json));
  assert.equal(bare.width, 24);
  const usual = await PART.build(CONFIG, contextOf(undefined));
  assert.deepEqual([usual.latents, usual.width], [32, 768]);
});

Deno.test("qformer refuses other activations", async () => {
  const json = { qformer_config: { hidden_act: "relu" } };
  await assert.rejects(
    Promise.resolve(PART.build(CONFIG, contextOf(json))),
    /qformer_config\.hidden_act is "relu": only "gelu" can be run/,
  );
});

Deno.test("qformer takes its own tensors of a whole model and keeps unknown ones", async () => {
  const names = [
    "query_tokens",
    "model.language_projection.weight",
    "qformer.layernorm.weight",
    "qformer.encoder.layer.0.intermediate_query.dense.weight",
    "qformer.encoder.layer.0.attention.output.dense.weight",
    "qformer.surprise",
  ];
  const others = [
    "vision_model.post_layernorm.weight",
    "language_model.lm_head.weight",
    "qformer.embeddings.word_embeddings.weight",
    "qformer.encoder.layer.0.intermediate.dense.weight",
    "qformer.encoder.layer.0.output.dense.weight",
  ];
  const tensors = new Map(
    [...names, ...others].map((name) => [
      name,
      inMemory(name, [1], new Float32Array(1)),
    ]),
  );
  const checkpoint = {
    path: "blip2",
    tensors,
    metadata: {},
    [Symbol.dispose]: () => {},
  };
  const own = await PART.weights!(checkpoint, CONFIG, contextOf(undefined));
  assert.deepEqual(
    [...own.keys()],
    names.map((name) => name.replace("model.", "")),
  );
});
