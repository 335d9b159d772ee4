import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { ProgramBuilder, weightNeeds } from "../../core/program.ts";
import { sizeOf } from "../../core/shape.ts";
import {
  chinchilla,
  type ChinchillaConfig,
} from "../../models/language/chinchilla.ts";
import { controlWidth } from "../../ops/control_row.ts";
import { assemble } from "../../plugins/assemble.ts";
import { assertClose } from "../support/assert_close.ts";
import { checkLanguage, logitsOf, pathOf } from "./check_language.ts";
import { chunkOf } from "./compare.ts";

for (
  const name of ["chinchilla_usual", "chinchilla_wide", "chinchilla_short"]
) {
  checkLanguage(name, { model: `${pathOf(name)}/model.json` });
}

for (const dtype of ["f16", "q8_0", "q4_1"] as const) {
  Deno.test(`chinchilla() reads ${dtype} positions alike by token and by prompt`, async () => {
    using device = await createDevice();
    const config = `${pathOf("chinchilla_wide")}/model.json`;
    using model = await assemble(config, { device, dtype });
    const tokens = Array.from({ length: 17 }, (_, i) => 5 * i + 3);
    const whole = await logitsOf(model, tokens);
    const { engine, engine: { stack: { language } } } = model;
    const sequence = engine.open();
    for (const [i, token] of tokens.entries()) {
      const own = await engine.logits(sequence, chunkOf([token]));
      const from = i * language.vocabulary;
      const expected = whole.subarray(from, from + language.vocabulary);
      assertClose(`token ${i}`, own, expected, { tolerance: 1e-4 });
    }
    engine.close(sequence);
  });
}

Deno.test("chinchilla() has the papers' parameters", () => {
  const paper = (layers: number, width: number): ChinchillaConfig => ({
    layers,
    width,
    heads: width / 128,
    headDim: 128,
    ffnWidth: 4 * width,
    vocabulary: 32_000,
    context: 16,
    normEps: 1e-5,
    activation: "gelu_tanh",
    isTied: true,
  });
  // Layers and width of Chinchilla's tables, with their billions.
  for (
    const [layers, width, count] of [
      [24, 2048, 1.4],
      [32, 4096, 7.1],
      [80, 8192, 70],
    ] as const
  ) {
    const config = paper(layers, width);
    const block = blockSize(config);
    assert.equal(block, 13 * width ** 2 + 4 * width);
    const whole = layers * block + config.vocabulary * width + width;
    assert.ok(Math.abs(whole / 1e9 / count - 1) < 0.03, `${whole}`);
  }
});

/** Parameters of a block, from its template. */
function blockSize(config: ChinchillaConfig): number {
  const { blocks: [block], width } = chinchilla(config);
  const builder = new ProgramBuilder("count");
  const { heads, headDim } = config;
  builder.call(block!.template, "", {
    x: builder.input("x", { dtype: "f32", shape: [1, 1, width] }),
    positions: builder.input("positions", { dtype: "u32", shape: [1, 1] }),
    control: builder.input("control", {
      dtype: "u32",
      shape: [1, controlWidth(32_000)],
    }),
    table: builder.input("table", { dtype: "u32", shape: [1, 1] }),
    cache: builder.state("cache", {
      dtype: "f32",
      shape: [1, 2, heads, headDim, 16],
    }),
  });
  const needs = weightNeeds([builder.build()]);
  return needs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
