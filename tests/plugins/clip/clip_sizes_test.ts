import assert from "node:assert/strict";
import { ProgramBuilder, weightNeeds } from "../../../core/program.ts";
import { sizeOf } from "../../../core/shape.ts";
import { clipText } from "../../../models/contrastive/clip_text.ts";
import type { TextEncoder } from "../../../models/slots.ts";
import { clipVit } from "../../../models/vision/clip_vit.ts";
import {
  publishedText,
  publishedVision,
  type SizeName,
  textFromFiles,
  visionFromFiles,
} from "../../../plugins/clip/clip_sizes.ts";
import type { JsonObject } from "../../../plugins/json_file.ts";
import type { PartContext } from "../../../plugins/plugin.ts";

/** What a part is told of a folder with only a `config.json`. */
function folderWith(json: JsonObject): PartContext {
  const source = {
    path: "clip",
    folder: "clip",
    metadata: {},
    shapes: new Map(),
    json: () => Promise.resolve(json),
    values: () => Promise.resolve(undefined),
  };
  return { source, neighbours: {}, overrides: new Map() };
}

/** Numbers in all weights of a published vision tower. */
function visionCount(size: SizeName, postNorm: boolean): number {
  const config = { ...publishedVision(size), tokens: "all", postNorm } as const;
  const { px, encode } = clipVit(config);
  const builder = new ProgramBuilder(size);
  const shape = [1, 3, px, px];
  const pixels = builder.input("pixels", { dtype: "f32", shape });
  builder.call(encode, "", { pixels });
  return countOf(builder);
}

/** Numbers in all weights of a text tower, projections and temperature. */
function textCount(
  { encode, project, temperature, visionWidth }: TextEncoder,
): number {
  const builder = new ProgramBuilder("text");
  const ids = builder.input("ids", { dtype: "u32", shape: [1, 1] });
  const ends = builder.input("ends", { dtype: "u32", shape: [1] });
  const shape = [1, 1, visionWidth];
  const features = builder.input("features", { dtype: "f32", shape });
  builder.call(encode, "", { ids, ends });
  builder.call(project, "", { features });
  builder.call(temperature, "", {});
  return countOf(builder);
}

function countOf(builder: ProgramBuilder): number {
  const needs = weightNeeds([builder.build()]);
  return needs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

Deno.test("publishedVision() has as many weights as the published files", () => {
  assert.equal(visionCount("L/14", true), 303_179_776);
  assert.equal(visionCount("L/14", false), 303_179_776 - 2 * 1024);
  assert.equal(visionCount("B/32", true), 87_456_000);
  assert.equal(visionCount("B/16", true), 85_799_424);
  assert.equal(visionCount("L/14-336", true), 303_507_456);
  assert.equal(visionCount("H/14", true), 630_766_080);
});

Deno.test("publishedText() has as many weights as the published files", () => {
  // Whole models: 151,277,313 for B/32, 149,620,737 for B/16 and so on.
  const whole = {
    "B/32": 151_277_313,
    "B/16": 149_620_737,
    "L/14": 427_616_513,
    "L/14-336": 427_944_193,
    "H/14": 986_109_441,
  };
  for (const [size, expected] of Object.entries(whole)) {
    const name = size as SizeName;
    const visionWidth = publishedVision(name).width;
    const text = clipText({ ...publishedText(name), visionWidth });
    const own = textCount(text);
    assert.equal(own + visionCount(name, true), expected, size);
  }
});

Deno.test("visionFromFiles() reads towers alone, whole models, and old keys", async () => {
  const tower = { hidden_size: 36, num_attention_heads: 3, hidden_act: "gelu" };
  const expected = {
    width: 36,
    layers: 12,
    heads: 3,
    ffnWidth: 3072,
    activation: "gelu",
    normEps: 1e-5,
    px: 224,
    patchPx: 32,
  };
  const alone = { model_type: "clip_vision_model", ...tower };
  const found = await visionFromFiles(folderWith(alone));
  assert.deepEqual(found, expected);
  const whole = { model_type: "clip", vision_config: tower };
  assert.deepEqual(await visionFromFiles(folderWith(whole)), expected);
  const old = { ...whole, vision_config_dict: { patch_size: 14 } };
  const { width, patchPx } = await visionFromFiles(folderWith(old));
  assert.deepEqual([width, patchPx], [768, 14]);
});

Deno.test("textFromFiles() reads whole models, with their defaults", async () => {
  const text = { hidden_size: 30, vocab_size: 131, eos_token_id: 2 };
  const whole = { model_type: "clip", text_config: text, projection_dim: 23 };
  assert.deepEqual(await textFromFiles(folderWith(whole)), {
    width: 30,
    layers: 12,
    heads: 8,
    ffnWidth: 2048,
    activation: "quick_gelu",
    normEps: 1e-5,
    vocabulary: 131,
    context: 77,
    endToken: 2,
    projectionWidth: 23,
  });
});

Deno.test("sizes of other models are not taken for CLIP's", async () => {
  const other = folderWith({ model_type: "siglip", vision_config: {} });
  assert.deepEqual(await visionFromFiles(other), {});
  assert.deepEqual(await textFromFiles(other), {});
});

Deno.test("visionFromFiles() refuses what cannot be run", async () => {
  const refused: [JsonObject, RegExp][] = [
    [{ num_channels: 4 }, /its num_channels is 4: only 3 can be run/],
    [{ hidden_act: "mish" }, /its hidden_act is "mish": only .*quick_gelu/],
    [{ hidden_size: "36" }, /hidden_size in its config\.json is "36"/],
  ];
  for (const [tower, message] of refused) {
    const json = { model_type: "clip_vision_model", ...tower };
    await assert.rejects(visionFromFiles(folderWith(json)), message);
  }
});
