import assert from "node:assert/strict";
import { clipPlugin } from "../../plugins/clip/plugin.ts";
import { checkVision, visionOf } from "./check_vision.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url).pathname;

/** Quick GELU, exact GELU, and pictures that patches do not divide. */
const FOLDERS = ["clip_vit_quick", "clip_vit_gelu", "clip_vit_rest"] as const;

/** What leaves the encoder: options, golden name, first golden position. */
const OUTPUTS = [
  [{ tokens: "all" }, "last_hidden_state", 0],
  [{}, "last_hidden_state", 1],
  [{ tokens: "all", postNorm: true }, "post_norm", 0],
  [{ tokens: "patches", postNorm: true }, "post_norm", 1],
] as const;

for (const folder of FOLDERS) {
  for (const choice of ["auto", "cpu"] as const) {
    for (const [options, features, first] of OUTPUTS) {
      const text = JSON.stringify(options);
      Deno.test(`${folder}: features ${text} equal transformers' on ${choice}`, async () => {
        const weights = GOLDEN + folder;
        const golden = `${weights}/case.safetensors`;
        const plugin = clipPlugin();
        await checkVision(
          { plugin, options, weights, golden, features, first },
          choice,
        );
      });
    }
  }
}

for (const px of [40, 20]) {
  Deno.test(`clip_vit_quick: features of ${px} pixels equal transformers'`, async () => {
    const weights = `${GOLDEN}clip_vit_quick`;
    const plugin = clipPlugin();
    await checkVision({
      plugin,
      options: { px, interpolatePositions: true, tokens: "all" },
      weights,
      golden: `${weights}/case_${px}.safetensors`,
      features: "last_hidden_state",
    }, "auto");
    // Without the option the file's positions are too few or too many.
    await assert.rejects(
      checkVision({
        plugin,
        options: { px, tokens: "all" },
        weights,
        golden: `${weights}/case_${px}.safetensors`,
        features: "last_hidden_state",
      }, "cpu"),
      /tensor embeddings\.position_embedding\.weight is \[50, 60\]/,
    );
  });
}

Deno.test("clip/vit has the published sizes", async () => {
  const sizes = {
    "B/32": [224, 49, 768],
    "B/16": [224, 196, 768],
    "L/14": [224, 256, 1024],
    "L/14-336": [336, 576, 1024],
    "H/14": [224, 256, 1280],
  };
  for (const [size, expected] of Object.entries(sizes)) {
    const vision = await visionOf({ plugin: clipPlugin(), options: { size } });
    const { px, positions, width } = vision;
    assert.deepEqual([px, positions, width], expected);
  }
});

Deno.test("clip/vit says what is missing and what cannot be", async () => {
  const plugin = clipPlugin();
  await assert.rejects(
    visionOf({ plugin, options: { width: 36, heads: 3 } }),
    /Cannot build clip\/vit .* say layers, ffnWidth, activation, px, patchPx/,
  );
  await assert.rejects(
    visionOf({ plugin, options: { size: "B/32", heads: 5 } }),
    /5 heads cannot share the width 768/,
  );
  await assert.rejects(
    visionOf({ plugin, options: { size: "B/32", px: 16 } }),
    /patches have 32 px a side: pictures have 16/,
  );
  await assert.rejects(
    visionOf({ plugin, options: { size: "B/14" } }),
    /vision\.size.*it is "B\/14".*did you mean/,
  );
});
