import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import type { StoredTensor } from "../../../core/stored_tensor.ts";
import {
  textTensors,
  visionTensors,
} from "../../../plugins/clip/clip_weights.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import type { TensorMap } from "../../../plugins/plugin.ts";

/** Tensors of one value, or of a shape with the values 0, 1, 2, … */
function made(names: readonly (string | [string, number[]])[]): TensorMap {
  return new Map(names.map((each): [string, StoredTensor] => {
    const [name, shape] = typeof each === "string" ? [each, [1]] : each;
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, (_, i) => i);
    return [name, inMemory(name, shape, values)];
  }));
}

const PLAIN = { postNorm: false, side: undefined };

function namesOf(tensors: TensorMap): string[] {
  return [...tensors.keys()].sort();
}

const WHOLE = [
  "logit_scale",
  "text_projection.weight",
  "text_model.embeddings.position_ids",
  "text_model.final_layer_norm.bias",
  "visual_projection.weight",
  "vision_model.embeddings.class_embedding",
  "vision_model.embeddings.position_ids",
  "vision_model.post_layernorm.weight",
  "strange.weight",
];

Deno.test("visionTensors() takes the vision tower out of a whole model", () => {
  const tensors = made(WHOLE);
  assert.deepEqual(
    namesOf(visionTensors(tensors, PLAIN)),
    ["embeddings.class_embedding", "strange.weight"],
  );
  assert.deepEqual(
    namesOf(visionTensors(tensors, { ...PLAIN, postNorm: true })),
    ["embeddings.class_embedding", "post_layernorm.weight", "strange.weight"],
  );
});

Deno.test("visionTensors() takes names without a prefix", () => {
  const tensors = made([
    "embeddings.class_embedding",
    "embeddings.position_ids",
    "pre_layrnorm.weight",
    "post_layernorm.bias",
  ]);
  assert.deepEqual(
    namesOf(visionTensors(tensors, PLAIN)),
    ["embeddings.class_embedding", "pre_layrnorm.weight"],
  );
});

Deno.test("textTensors() takes the twin and both projections", () => {
  assert.deepEqual(namesOf(textTensors(made(WHOLE))), [
    "logit_scale",
    "strange.weight",
    "text_model.final_layer_norm.bias",
    "text_projection.weight",
    "visual_projection.weight",
  ]);
});

const LAYER = "transformer.resblocks.11.";

/** A vision tower as open_clip names it, below a prefix. */
function openClipVision(prefix: string): [string, number[]][] {
  const shapes: Record<string, number[]> = {
    "conv1.weight": [2, 3, 1, 1],
    "proj": [2, 3],
    "ln_post.bias": [2],
    [`${LAYER}attn.in_proj_weight`]: [6, 2],
    [`${LAYER}attn.in_proj_bias`]: [6],
    [`${LAYER}attn.out_proj.weight`]: [2, 2],
    [`${LAYER}mlp.c_fc.bias`]: [4],
    [`${LAYER}ls_1.gamma`]: [2],
  };
  return Object.entries(shapes).map(([name, shape]) => [prefix + name, shape]);
}

for (const prefix of ["visual.", ""]) {
  Deno.test(`visionTensors() reads open_clip's names with the prefix "${prefix}"`, async () => {
    const tensors = visionTensors(made(openClipVision(prefix)), PLAIN);
    const layer = "encoder.layers.11.";
    assert.deepEqual(namesOf(tensors), [
      "embeddings.patch_embedding.weight",
      `${layer}mlp.fc1.bias`,
      ...["k_proj.bias", "k_proj.weight", "out_proj.weight", "q_proj.bias"]
        .map((name) => `${layer}self_attn.${name}`),
      ...["q_proj.weight", "v_proj.bias", "v_proj.weight"]
        .map((name) => `${layer}self_attn.${name}`),
      `${prefix}${LAYER}ls_1.gamma`, // unknown: to be reported as it is called
    ]);
    const check = async (name: string, shape: number[], values: number[]) => {
      const tensor = tensors.get(`${layer}self_attn.${name}`)!;
      assert.deepEqual(tensor.shape, shape);
      assert.deepEqual([...await valuesOf(tensor)], values);
    };
    await check("q_proj.weight", [2, 2], [0, 1, 2, 3]);
    await check("k_proj.weight", [2, 2], [4, 5, 6, 7]);
    await check("v_proj.bias", [2], [4, 5]);
  });
}

Deno.test("textTensors() reads open_clip's names, with or without text.", async () => {
  for (const prefix of ["", "text."]) {
    const text = [
      ["positional_embedding", [5, 2]],
      ["text_projection", [2, 3]],
      ["ln_final.weight", [2]],
      ["attn_mask", [5, 5]],
      [`${LAYER}mlp.c_proj.weight`, [2, 2]],
    ] as [string, number[]][];
    const tensors = textTensors(made([
      ...openClipVision("visual."),
      ...text.map((
        [name, shape],
      ): [string, number[]] => [prefix + name, shape]),
      "logit_scale",
      "input_resolution",
      "context_length",
      "vocab_size",
      "logit_bias",
    ]));
    assert.deepEqual(namesOf(tensors), [
      "logit_bias",
      "logit_scale",
      "text_model.embeddings.position_embedding.weight",
      "text_model.encoder.layers.11.mlp.fc2.weight",
      "text_model.final_layer_norm.weight",
      "text_projection.weight",
      `visual.${LAYER}ls_1.gamma`,
      "visual_projection.weight",
    ]);
    const projection = tensors.get("text_projection.weight")!;
    assert.deepEqual(projection.shape, [3, 2]);
    assert.deepEqual([...await valuesOf(projection)], [0, 3, 1, 4, 2, 5]);
  }
});

Deno.test("visionTensors() brings positions to another grid when told to", () => {
  const name = "embeddings.position_embedding.weight";
  const tensors = made([[name, [5, 2]]]);
  const shapeFor = (side: number | undefined) =>
    visionTensors(tensors, { postNorm: true, side }).get(name)!.shape;
  assert.deepEqual(shapeFor(undefined), [5, 2]);
  assert.deepEqual(shapeFor(4), [17, 2]);
});
