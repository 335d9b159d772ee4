import assert from "node:assert/strict";
import { dinov2Plugin } from "../../plugins/dinov2/plugin.ts";
import { checkVision, visionOf, weightCount } from "./check_vision.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url).pathname;

/** Folder, and the side of its pictures; others need new positions. */
const CASES = [
  ["gelu", 28],
  ["gelu", 17],
  ["gelu", 44],
  ["swiglu", 35],
  ["swiglu", 20],
  ["swiglu", 50],
  ["small", 8],
  ["small", 24],
] as const;

for (const [name, px] of CASES) {
  for (const choice of ["auto", "cpu"] as const) {
    for (const postNorm of [true, false]) {
      const state = postNorm ? "normed" : "plain";
      Deno.test(`dinov2 ${name}: ${state} features of ${px} pixels equal transformers' on ${choice}`, async () => {
        await checkVision({
          plugin: dinov2Plugin(),
          options: { px, tokens: "all", postNorm },
          weights: `${GOLDEN}dinov2_${name}`,
          golden: `${GOLDEN}dinov2_${name}/golden_${px}.safetensors`,
          features: state,
        }, choice);
      });
    }
  }
}

Deno.test("dinov2/vit: gives patches without the class token by default", async () => {
  await checkVision({
    plugin: dinov2Plugin(),
    options: {},
    weights: `${GOLDEN}dinov2_gelu`,
    golden: `${GOLDEN}dinov2_gelu/golden_28.safetensors`,
    features: "normed",
    first: 1,
  }, "auto");
});

/** Parameters of transformers' models, without their mask tokens. */
const PUBLISHED = {
  "S/14": 22_056_192,
  "B/14": 86_579_712,
  "L/14": 304_367_616,
  "g/14": 1_136_479_232,
};

Deno.test("dinov2/vit: published sizes have as many parameters as published", async () => {
  for (const [size, parameters] of Object.entries(PUBLISHED)) {
    const section = { plugin: dinov2Plugin(), options: { size } };
    assert.equal(weightCount(await visionOf(section)), parameters, size);
  }
});

Deno.test("dinov2/vit: sizes of the section win over those of the file", async () => {
  const plugin = dinov2Plugin();
  const small = await visionOf({ plugin, options: { size: "S/14", px: 224 } });
  assert.deepEqual([small.px, small.positions, small.width], [224, 256, 384]);
  const weights = `${GOLDEN}dinov2_gelu`;
  const options = { px: 21, patchPx: 5, tokens: "all" };
  const own = await visionOf({ plugin, weights, options });
  assert.deepEqual([own.px, own.positions, own.width], [21, 17, 24]);
});

Deno.test("dinov2/vit: refuses sizes that do not fit", async () => {
  const refuses = async (options: object, message: RegExp) => {
    const section = { plugin: dinov2Plugin(), options: { ...options } };
    await assert.rejects(() => visionOf(section), message);
  };
  await refuses({ width: 24 }, /nor its weights say px, patchPx, layers/);
  await refuses({ size: "S/16" }, /must be one of "S\/14", "B\/14"/);
  await refuses(
    { size: "S/14", px: 13 },
    /pictures of 13 pixels hold no patch of 14/,
  );
  await refuses(
    { size: "S/14", heads: 5 },
    /5 heads cannot share a width of 384 evenly/,
  );
});
